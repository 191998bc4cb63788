package io.millrace.bench.micro;

import io.millrace.bench.io.store.NoSurprises;
import io.millrace.broker.handler.fetch.FetchHandler;
import io.millrace.broker.handler.fetch.FetchLimits;
import io.millrace.broker.handler.fetch.FetchRules;
import io.millrace.broker.handler.fetch.Racks;
import io.millrace.broker.handler.produce.ProduceHandler;
import io.millrace.broker.loop.BrokerClock;
import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.PartitionId;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.loop.Replication;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.Durability;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** The handlers of produce and fetch over one partition in memory, on one connection. */
final class HandlerFixture implements AutoCloseable {
    private static final int RETAIN_EVERY_BYTES = 32 << 20;

    private final Path folder = TempFolder.make();
    private final FlushQueue flushes = new FlushQueue(Runnable::run);
    private final WireHarness wire = new WireHarness();
    private final Partition partition;
    private long appendedBytes;

    HandlerFixture() {
        var loops = new Loops(wire.channel().eventLoop(), BrokerClock.SYSTEM);
        var disk = new RealDisk();
        var environment =
                new LogEnvironment(
                        disk,
                        flushes,
                        Durability.OS,
                        Integer.MAX_VALUE,
                        new DiskReserve(disk, folder, 0),
                        new NoSurprises());
        partition =
                new Partition(
                        new PartitionId(WireFrames.TOPIC, "t", 0),
                        loops.ownerOf("t", 0),
                        Replication.alone(1),
                        Terms.of(PartitionImage.created(0, List.of(1)), 1),
                        owner ->
                                PartitionLog.open(
                                        environment,
                                        folder.resolve("t-0"),
                                        MemoryLog.config(),
                                        owner,
                                        System.currentTimeMillis()));
        var directory = new PartitionDirectory();
        directory.put(new HostedTopic(WireFrames.TOPIC, "t", List.of(partition)));
        var produce =
                new ProduceHandler(
                        directory,
                        (asked, then) -> {
                            throw new IllegalStateException("no benchmark has transactions");
                        });
        var alone = ClusterImage.empty("bench");
        var rules =
                new FetchRules(
                        new FetchLimits(1 << 20, 10, 1000),
                        new Racks(false, () -> alone),
                        ReplicaThrottle.ofLeader(() -> alone, 1));
        var fetch = new FetchHandler(directory, loops, rules);
        wire.handledBy(request -> route(request, produce, fetch));
    }

    private static void route(Request request, ProduceHandler produce, FetchHandler fetch) {
        switch (request.header().apiKey()) {
            case PRODUCE -> produce.handle(request);
            case FETCH -> fetch.handle(request);
            default -> throw new IllegalArgumentException(request.header().toString());
        }
    }

    WireHarness wire() {
        return wire;
    }

    PartitionLog log() {
        return partition.log();
    }

    /** Appends batches past the handlers until so many bytes are in. */
    void fill(ByteBuffer batch, long bytes) {
        for (long done = 0; done < bytes; done += batch.remaining()) {
            batch.putLong(0, 0);
            partition.append(batch, PartitionLog.Origin.CLIENT);
        }
        wire.channel().runPendingTasks();
    }

    /** Notes an append, and deletes what is past the limit now and then. */
    void appended(int bytes) {
        appendedBytes += bytes;
        if (appendedBytes >= RETAIN_EVERY_BYTES) {
            appendedBytes = 0;
            log().retain(System.currentTimeMillis(), log().logEndOffset());
        }
    }

    @Override
    public void close() throws IOException {
        partition.close();
        wire.close();
        flushes.close();
        new RealDisk().delete(folder);
    }
}
