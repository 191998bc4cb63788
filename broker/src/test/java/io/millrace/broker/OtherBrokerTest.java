package io.millrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerKeys;
import io.millrace.broker.handler.LeaderPeers;
import io.millrace.broker.handler.transaction.RemoteMarkers;
import io.millrace.broker.handler.transaction.TransactionRouter;
import io.millrace.broker.loop.TransactionEnding;
import io.millrace.broker.net.Transport;
import io.millrace.broker.transaction.Participant;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.broker.transaction.TransactionRequest;
import io.millrace.broker.wire.Peers;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.NodeImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.storage.producer.TransactionEnd;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/**
 * A broker that is asked as another node of a cluster asks it: metadata, made by hand, says that it
 * leads everything.
 */
final class OtherBrokerTest {
    private static final int OTHER = 2;
    private static final TopicPartition PLACE = new TopicPartition("numbers", 0);
    private static final Participant PARTICIPANT = new Participant("numbers", 0);

    @TempDir Path folder = Path.of("unset");

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, Transport.best().ioHandlers());
    private final Peers peers =
            new Peers(loops, Transport.best(), new Peers.PeerSettings("peer", 10_000, 1 << 20));

    @AfterEach
    void stop() {
        peers.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Millrace broker() {
        return Millrace.start(
                BrokerConfig.of(
                        Map.of(
                                BrokerKeys.DATA_DIR,
                                folder.toString(),
                                BrokerKeys.PORT,
                                "0",
                                BrokerKeys.NODE_ID,
                                Integer.toString(OTHER),
                                "transaction.state.log.num.partitions",
                                "1")));
    }

    private LeaderPeers leaders(Millrace broker) {
        TopicImage numbers = topic("numbers");
        TopicImage transactions = topic("__transaction_state");
        var node = new NodeImage(OTHER, broker.host(), broker.port(), "");
        var image =
                new ClusterImage(
                        "cluster",
                        1,
                        TreePMap.singleton(OTHER, node),
                        HashTreePMap.from(
                                Map.of(numbers.name(), numbers, transactions.name(), transactions)),
                        HashTreePMap.from(
                                Map.of(numbers.id(), numbers, transactions.id(), transactions)),
                        HashTreePMap.empty(),
                        0,
                        HashTreePMap.empty(),
                        HashTreePMap.empty());
        return new LeaderPeers(1, () -> image, peers);
    }

    private static TopicImage topic(String name) {
        return new TopicImage(
                UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                name,
                List.of(PartitionImage.created(0, List.of(OTHER))));
    }

    private static KafkaProducer<String, String> writer(Millrace broker) {
        var text = new StringSerializer();
        var producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "transactional.id",
                                "writer"),
                        text,
                        text);
        producer.initTransactions();
        producer.beginTransaction();
        return producer;
    }

    private static ProducerState open(Millrace broker)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.describeProducers(List.of(PLACE))
                    .partitionResult(PLACE)
                    .get()
                    .activeProducers()
                    .getFirst();
        }
    }

    private static List<String> committed(Millrace broker) {
        var text = new StringDeserializer();
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "isolation.level",
                                "read_committed"),
                        text,
                        text)) {
            consumer.assign(List.of(PLACE));
            consumer.seekToBeginning(List.of(PLACE));
            var seen = new java.util.ArrayList<String>();
            consumer.poll(Duration.ofSeconds(2)).forEach(record -> seen.add(record.value()));
            return seen;
        }
    }

    @Test
    void itEndsTransactionsInPartitionsThatItLeads()
            throws ExecutionException, InterruptedException, TimeoutException {
        try (var broker = broker();
                var producer = writer(broker)) {
            producer.send(new ProducerRecord<>("numbers", 0, null, "one")).get();
            ProducerState open = open(broker);
            var markers = new RemoteMarkers(leaders(broker));
            var ending = new CompletableFuture<TransactionEnding>();

            assertThat(markers.isRemote(PARTICIPANT)).isTrue();
            assertThat(markers.isRemote(new Participant("nowhere", 0))).isFalse();
            markers.end(
                    PARTICIPANT,
                    new TransactionEnd(
                            open.producerId(), (short) open.producerEpoch(), 0, true, false),
                    ending::complete);

            assertThat(ending.get(20, TimeUnit.SECONDS)).isEqualTo(TransactionEnding.ENDED);
            assertThat(committed(broker)).containsExactly("one");
            producer.close(Duration.ZERO);
        }
    }

    @Test
    void aBrokerThatIsGoneIsToBeToldAgain() throws Exception {
        LeaderPeers leaders;
        try (var broker = broker()) {
            leaders = leaders(broker);
        }
        var ending = new CompletableFuture<TransactionEnding>();

        new RemoteMarkers(leaders)
                .end(
                        PARTICIPANT,
                        new TransactionEnd(1, (short) 0, 0, true, false),
                        ending::complete);

        assertThat(ending.get(20, TimeUnit.SECONDS)).isEqualTo(TransactionEnding.UNAVAILABLE);
    }

    @Test
    void itsCoordinatorIsAskedForPartitionsThatAreWrittenElsewhere()
            throws ExecutionException, InterruptedException {
        try (var broker = broker();
                var producer = writer(broker)) {
            producer.send(new ProducerRecord<>("numbers", 0, null, "one")).get();
            ProducerState open = open(broker);
            var producerNow = new ProducerIdentity(open.producerId(), (short) open.producerEpoch());
            var older = new ProducerIdentity(open.producerId(), (short) (open.producerEpoch() - 1));

            assertThat(ask(broker, verify(producerNow, PARTICIPANT)))
                    .isEqualTo(TransactionError.NONE);
            assertThat(ask(broker, verify(older, PARTICIPANT))).isNotEqualTo(TransactionError.NONE);
            assertThat(
                            ask(
                                    broker,
                                    new TransactionRequest.Add(
                                            "writer",
                                            producerNow,
                                            List.of(PARTICIPANT),
                                            TransactionRequest.ANY_CONNECTION)))
                    .isEqualTo(TransactionError.NONE);
            producer.close(Duration.ZERO);
        }
    }

    private static TransactionRequest verify(ProducerIdentity producer, Participant participant) {
        return new TransactionRequest.Verify("writer", producer, participant);
    }

    private TransactionError ask(Millrace broker, TransactionRequest request)
            throws ExecutionException, InterruptedException {
        var reply = new CompletableFuture<TransactionReply>();
        new TransactionRouter(
                        id -> 0,
                        (asked, then) -> {
                            throw new IllegalStateException("nothing is led here");
                        },
                        leaders(broker))
                .ask(request, reply::complete);
        return reply.get().error();
    }
}
