package io.millrace.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;

/**
 * A topic, which loads are put on.
 *
 * @param broker that is asked for what is not of a partition; consumers read from it alone
 * @param id the topic's id, as newer requests name it
 * @param leaders each partition's broker
 */
public record Target(
        InetSocketAddress broker, String topic, Uuid id, List<InetSocketAddress> leaders) {
    private static final short INIT_VERSION = 5;
    private static final int PATIENCE_MS = 120_000;
    private static final int PAUSE_MS = 20;

    public Target {
        leaders = List.copyOf(leaders);
    }

    /** How many partitions it has. */
    public int partitions() {
        return leaders.size();
    }

    /** The partitions of each broker that leads some. */
    Map<InetSocketAddress, List<Integer>> led() {
        return IntStream.range(0, partitions())
                .boxed()
                .collect(
                        Collectors.groupingBy(
                                leaders::get, LinkedHashMap::new, Collectors.toList()));
    }

    /** Makes a topic on a single broker and waits until it is led. Blocks. */
    public static Target create(
            InetSocketAddress broker, String topic, int partitions, Map<String, String> configs)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address(broker)))) {
            var spec = new NewTopic(topic, partitions, (short) 1).configs(configs);
            Uuid id = admin.createTopics(List.of(spec)).topicId(topic).get();
            awaitLeaders(admin, topic, partitions);
            return new Target(broker, topic, id, Collections.nCopies(partitions, broker));
        } catch (ExecutionException e) {
            throw new IOException("creating topic " + topic + " failed: " + e.getMessage(), e);
        }
    }

    /** Waits until a topic that was there before is led again. Blocks. */
    public static void awaitLed(InetSocketAddress broker, String topic, int partitions)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address(broker)))) {
            awaitLeaders(admin, topic, partitions);
        }
    }

    /** Asks each partition's leader something, which the client repeats until there is one. */
    private static void awaitLeaders(Admin admin, String topic, int partitions)
            throws InterruptedException, IOException {
        var wanted = new HashMap<TopicPartition, OffsetSpec>();
        for (int i = 0; i < partitions; i++) {
            wanted.put(new TopicPartition(topic, i), OffsetSpec.latest());
        }
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        while (!areLed(admin, topic, wanted, System.nanoTime() > deadlineNs)) {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        }
    }

    /** False if the broker that was asked has not heard of the topic yet, and may still. */
    private static boolean areLed(
            Admin admin, String topic, Map<TopicPartition, OffsetSpec> wanted, boolean late)
            throws InterruptedException, IOException {
        try {
            admin.listOffsets(wanted, new ListOffsetsOptions().timeoutMs(PATIENCE_MS)).all().get();
            return true;
        } catch (ExecutionException e) {
            if (!late && e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw new IOException("topic " + topic + " has no leaders: " + e.getMessage(), e);
        }
    }

    /** A client for what loads do seldom; to be closed. */
    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address(broker)));
    }

    /** The broker's address as clients are given it. */
    public String bootstrapServers() {
        return address(broker);
    }

    private static String address(InetSocketAddress broker) {
        return broker.getHostString() + ":" + broker.getPort();
    }

    /** Asks for a producer id, until the coordinator of a broker that has just started is ready. */
    long producerId() throws IOException {
        try (var connection = new BrokerConnection(broker)) {
            var data =
                    new InitProducerIdRequestData()
                            .setTransactionalId(null)
                            .setTransactionTimeoutMs(Integer.MAX_VALUE)
                            .setProducerId(-1)
                            .setProducerEpoch((short) -1);
            long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
            while (true) {
                ByteBuffer answer =
                        connection.ask(new InitProducerIdRequest.Builder(data).build(INIT_VERSION));
                var response =
                        InitProducerIdResponse.parse(new ByteBufferAccessor(answer), INIT_VERSION);
                if (response.error().code() == 0) {
                    return response.data().producerId();
                }
                if (System.nanoTime() > deadlineNs) {
                    throw new IOException(
                            ApiKeys.INIT_PRODUCER_ID + " answers " + response.error());
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MS));
            }
        }
    }
}
