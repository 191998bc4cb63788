package io.millrace.broker.loop;

import io.millrace.cluster.metadata.NodeIds;
import io.millrace.cluster.metadata.PartitionImage;
import io.millrace.cluster.replication.FollowerReplica;
import io.millrace.cluster.replication.Terms;
import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogEvents;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.Codec;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.disk.RealDisk;
import io.millrace.storage.flush.FlushQueue;
import io.millrace.storage.plan.Quarantine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Partitions on a real disk, without the rest of a broker. */
public final class TestPartition {
    private TestPartition() {}

    /**
     * The first partition of a topic.
     *
     * @param folder where its log's folder is, or will be
     */
    public static Partition of(
            String topic, OwnerLoop loop, FlushQueue flushes, Durability durability, Path folder) {
        return of(topic, loop, flushes, durability, folder, Replication.alone(1));
    }

    /** The same, as one of several brokers has it: it is led by the first until it is told else. */
    public static Partition of(
            String topic,
            OwnerLoop loop,
            FlushQueue flushes,
            Durability durability,
            Path folder,
            Replication replication) {
        var id = new PartitionId(UUID.randomUUID(), topic, 0);
        var disk = new RealDisk();
        var env =
                new LogEnvironment(
                        disk,
                        flushes,
                        durability,
                        86_400_000,
                        new DiskReserve(disk, folder, 0),
                        new Unexpected());
        return new Partition(
                id,
                loop,
                replication,
                Terms.of(PartitionImage.created(0, List.of(1)), 1),
                owner ->
                        PartitionLog.open(
                                env, folder.resolve(id.folder()), LogConfig.defaults(), owner, 0));
    }

    /**
     * Broker 1 follows 2, has two records of it, of the times 10 and 20, knows that the first is
     * committed, and leads then.
     */
    public static void becomesLeaderThatKnowsLess(Partition partition) {
        NodeIds both = NodeIds.of(List.of(1, 2));
        partition.take(new Terms(2, 5, 1, both, both, 1));
        for (int offset = 0; offset < 2; offset++) {
            ByteBuffer records =
                    new BatchBuilder(offset, Codec.NONE, 0)
                            .leaderEpoch(5)
                            .add(10L * (offset + 1), null, new byte[1])
                            .build();
            partition.replicate(records, new FollowerReplica.Step.Append(0, 1));
        }
        partition.take(new Terms(1, 6, 2, both, both, 1));
    }

    /** These logs are in order: nothing is to be reported of them. */
    private record Unexpected() implements LogEvents {
        @Override
        public void tailTruncated(Path segment, long position, long bytesCut) {
            throw new AssertionError("truncated " + segment);
        }

        @Override
        public void quarantined(Path log, Quarantine.Range range) {
            throw new AssertionError("quarantined " + log + " " + range);
        }

        @Override
        public void noticed(Path path, String what) {
            throw new AssertionError(path + ": " + what);
        }
    }
}
