package io.millrace.bench.delivery;

import io.millrace.bench.compare.BrokerProcess;
import io.millrace.bench.compare.Results;
import io.millrace.bench.compare.Subject;
import io.millrace.bench.load.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One broker's turn: where it is, and where its figures go. */
final class Turn {
    static final int PARTITIONS = 6;

    private final Subject subject;
    private final BrokerProcess broker;
    private final Results results;
    private int topics;

    Turn(Subject subject, BrokerProcess broker, Results results) {
        this.subject = subject;
        this.broker = broker;
        this.results = results;
    }

    /** Work of one client, on a thread of its own. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws IOException, InterruptedException;
    }

    BrokerProcess broker() {
        return broker;
    }

    private String bootstrap() {
        return broker.address().getHostString() + ":" + broker.address().getPort();
    }

    /** A new topic. */
    Target topic(int partitions) throws IOException, InterruptedException {
        return Target.create(broker.address(), "delivery-" + topics++, partitions, Map.of());
    }

    /** Sets a group's configuration. Blocks. */
    void configure(String group, Map<String, String> settings)
            throws IOException, InterruptedException {
        List<AlterConfigOp> changes =
                settings.entrySet().stream()
                        .map(setting -> new ConfigEntry(setting.getKey(), setting.getValue()))
                        .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
                        .toList();
        try (Admin admin = admin()) {
            var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
            admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
        } catch (ExecutionException e) {
            throw new IOException("group " + group + " cannot be configured: " + e.getMessage(), e);
        }
    }

    /** A producer of the broker, with some settings of its own; to be closed. */
    KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        var all = new HashMap<String, Object>(settings);
        all.put("bootstrap.servers", bootstrap());
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A member of a share group, which accepts what it is given at the next poll; to be closed. */
    KafkaShareConsumer<byte[], byte[]> sharer(String group) {
        return new KafkaShareConsumer<>(
                Map.of("bootstrap.servers", bootstrap(), "group.id", group),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** A client for what is done seldom; to be closed. */
    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    /** Has a group's coordinator begin, which makes the topic it needs. Blocks. */
    void findCoordinator(String group) throws IOException, InterruptedException {
        try (Admin admin = admin()) {
            admin.listConsumerGroupOffsets(group).all().get();
        } catch (ExecutionException e) {
            throw new IOException("group " + group + " has no coordinator: " + e.getMessage(), e);
        }
    }

    double cpuSeconds() throws IOException {
        return broker.figures().cpuSeconds();
    }

    void add(String workload, String metric, String unit, double value) {
        results.add(workload, subject, metric, unit, value);
    }

    void addLatency(String workload, Histogram latencyNs) {
        results.addLatency(workload, subject, latencyNs);
    }

    /** Runs clients side by side, waits for all, and gives what they came to. */
    static <T> List<T> together(List<Task<T>> tasks) throws IOException, InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running =
                    tasks.stream().map(task -> threads.submit(task::run)).toList();
            var done = new ArrayList<T>();
            for (Future<T> each : running) {
                done.add(each.get());
            }
            return done;
        } catch (ExecutionException e) {
            throw new IOException("a client failed: " + e.getCause(), e);
        }
    }
}
