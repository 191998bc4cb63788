package io.millrace.broker.simulation.cluster;

import com.google.protobuf.ByteString;
import io.millrace.broker.handler.fetch.FetchAtOnce;
import io.millrace.broker.handler.fetch.FollowersAtOnce;
import io.millrace.broker.handler.log.LogErrors;
import io.millrace.broker.loop.CommitWaiter;
import io.millrace.broker.loop.CommitWaiter.Commit;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.simulation.cluster.SimulatedProducer.Reply;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.quorum.raft.SimulatedRaft;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.StorageException;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import io.millrace.storage.simulation.disk.SimulatedDisk;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A machine with a disk, on which a broker lives, dies and is started again. */
final class SimulatedNode {
    static final Path DATA = Path.of("/data");

    final int id;
    final SimulatedDisk disk;
    final UUID directory;
    private final SimulatedCluster cluster;
    private @Nullable SimulatedLife life;

    /** Whose sessions end with a life. */
    private FollowersAtOnce followers;

    /** What of the partition it has shown in this life. */
    private long checked;

    private Replica replica = new Replica();

    /** Whether bits were flipped on its disk. */
    boolean damaged;

    SimulatedNode(int id, SimulatedCluster cluster) {
        this.id = id;
        this.cluster = cluster;
        this.disk = new SimulatedDisk(cluster.events.random.nextLong(), DATA);
        this.directory = cluster.randomId();
        this.followers = followers();
        if (cluster.mistake == Mistake.SYNC_LOST) {
            disk.lieAboutSyncs();
        }
    }

    /** The broker; null while it does not run. */
    @Nullable SimulatedLife life() {
        return life;
    }

    boolean isRunning() {
        return life != null;
    }

    private FollowersAtOnce followers() {
        return new FollowersAtOnce(() -> cluster.events.random.nextInt(1, Integer.MAX_VALUE));
    }

    /** Starts the broker; says whether its disk lets it. */
    boolean start() {
        checked = 0;
        followers = followers();
        replica = new Replica();
        try {
            var started = new SimulatedLife(this, cluster);
            life = started;
            started.start();
            return true;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** The broker is gone; with the machine, if its power is. */
    void crash(boolean losesPower) {
        if (life != null) {
            life.end();
            life = null;
        }
        if (losesPower) {
            disk.losePower();
        } else {
            disk.killProcess();
        }
    }

    /** Checks what can be seen of it now. */
    void check(Truth truth) {
        SimulatedLife living = life;
        if (living == null) {
            return;
        }
        SimulatedRaft raft = living.raft();
        raft.epochLed().ifPresent(epoch -> truth.leadsQuorum(id, epoch, raft));
        Partition partition = living.partition();
        if (partition == null || !partition.isOpen() || partition.isOffline()) {
            return;
        }
        if (partition.isLed()) {
            truth.leads(id, partition);
        }
        long committed = partition.highWatermark();
        checked = Math.min(checked, committed);
        if (committed > checked && !damaged) {
            truth.shows(id, partition.log(), checked, committed);
        }
        checked = committed;
        // What was flipped on a leader's disk may have come to others.
        if (!cluster.hasDamage()) {
            replica.check(id, partition.log(), truth);
        }
    }

    /** The partition, if it can be used here. */
    private @Nullable Partition usable() {
        SimulatedLife living = life;
        Partition partition = living == null ? null : living.partition();
        boolean is = partition != null && LogErrors.availability(partition) == Errors.NONE;
        return is ? partition : null;
    }

    @Nullable ClusterImage image() {
        SimulatedLife living = life;
        return living == null ? null : living.service().image();
    }

    /** A producer's batch, as the handler of produce requests takes it with acks=all. */
    void produce(
            SimulatedProducer producer,
            short epoch,
            ByteBuffer batch,
            long value,
            Consumer<Reply> reply) {
        Partition partition = usable();
        if (partition == null || partition.terms().isUnderMinimum()) {
            reply.accept(Reply.AGAIN);
            return;
        }
        try {
            PartitionLog log = partition.log();
            ByteBuffer own = ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
            OptionalLong asked = log.transactions().beginVerification(own);
            if (asked.isPresent() && !producer.isOpen(epoch)) {
                log.transactions().verificationFailed(own, asked.getAsLong());
                reply.accept(Reply.REFUSED);
                return;
            }
            var verification = asked.isPresent() ? new Verification(asked.getAsLong(), true) : null;
            switch (partition.append(own, Origin.CLIENT, verification)) {
                case AppendResult.Appended(long first, long last, long _) -> {
                    whenCommitted(partition, first, last, value, reply);
                    cluster.written(this);
                }
                case AppendResult.Duplicate(long first, long last, long _) ->
                        whenCommitted(partition, first, last, value, reply);
                case AppendResult.Refused _ -> reply.accept(Reply.REFUSED);
            }
        } catch (StorageException e) {
            reply.accept(Reply.AGAIN);
        }
    }

    private void whenCommitted(
            Partition partition, long first, long last, long value, Consumer<Reply> reply) {
        boolean tooEarly = cluster.mistake == Mistake.ACK_BEFORE_IN_SYNC;
        CommitWaiter waiter =
                outcome -> {
                    if (outcome == Commit.COMMITTED) {
                        cluster.truth.acknowledged(first, value);
                    }
                    reply.accept(outcome == Commit.COMMITTED ? Reply.DONE : Reply.AGAIN);
                };
        if (tooEarly) {
            partition.whenFlushed(last + 1, waiter);
        } else {
            partition.whenCommitted(last + 1, waiter);
        }
    }

    /** A coordinator's marker. */
    void end(TransactionEnd end, Consumer<Reply> reply) {
        Partition partition = usable();
        if (partition == null) {
            reply.accept(Reply.AGAIN);
            return;
        }
        partition.end(end, ending -> reply.accept(SimulatedProducer.replyOf(ending)));
    }

    /**
     * @param leastEpoch the latest that the consumer has heard of; one that led before is not asked
     */
    void fetchAsConsumer(
            FetchRequestData.FetchPartition wanted, int leastEpoch, Consumer<PartitionData> reply) {
        Partition partition = usable();
        if (partition != null && partition.leaderEpoch() >= leastEpoch) {
            PartitionData data = FetchAtOnce.byConsumer().read(partition, wanted);
            data.currentLeader().setLeaderEpoch(partition.leaderEpoch());
            reply.accept(data);
        }
    }

    /** A follower's fetch of the one partition, which waits for something to come. */
    void fetchAsFollower(FetchRequestData request, Consumer<FetchResponseData> reply) {
        SimulatedLife living = life;
        if (living == null) {
            return;
        }
        Partition partition = living.partition();
        var fetch = followers.take(request, living.nowMs(), partition, cluster::plant);
        read(fetch, partition);
        if (partition == null || !fetch.isNothing()) {
            reply.accept(fetch.answer());
            return;
        }
        boolean[] done = new boolean[1];
        Runnable again =
                () -> {
                    if (!done[0]) {
                        done[0] = true;
                        read(fetch, partition);
                        reply.accept(fetch.answer());
                    }
                };
        partition.watchAppends(() -> living.later(0, again));
        living.later(request.maxWaitMs(), again);
    }

    private void read(FollowersAtOnce.Fetch fetch, @Nullable Partition partition) {
        for (PartitionData data : fetch.read()) {
            boolean wrong = cluster.mistake == Mistake.HIGH_WATERMARK_AHEAD;
            if (wrong && partition != null && data.errorCode() == Errors.NONE.code()) {
                data.setHighWatermark(partition.log().logEndOffset());
            }
        }
    }

    /** What another node asks the controller here. */
    void serve(ByteString request, Consumer<ByteString> reply) {
        SimulatedLife living = life;
        if (living != null) {
            var _ = living.service().serve(request).thenAccept(reply);
        }
    }

    @Override
    public String toString() {
        SimulatedLife living = life;
        Partition partition = living == null ? null : living.partition();
        return "node %d: %s"
                .formatted(
                        id,
                        living == null
                                ? "down"
                                : partition == null
                                        ? "no partition, image "
                                                + living.service().image().endOffset()
                                        : "%s, offline %s, end %d, flushed %d, shows %d, stable %d"
                                                .formatted(
                                                        partition.terms(),
                                                        partition.isOffline(),
                                                        partition.log().logEndOffset(),
                                                        partition.log().flushedOffset(),
                                                        partition.highWatermark(),
                                                        partition.lastStableOffset()));
    }
}
