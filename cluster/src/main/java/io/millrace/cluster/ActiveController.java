package io.millrace.cluster;

import io.millrace.cluster.controller.Command;
import io.millrace.cluster.controller.Controller;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Growth;
import io.millrace.cluster.controller.Liveness;
import io.millrace.cluster.controller.Liveness.Beat;
import io.millrace.cluster.controller.Liveness.Heartbeat;
import io.millrace.cluster.controller.PartitionIndex;
import io.millrace.cluster.controller.Pieces;
import io.millrace.cluster.metadata.ClusterImage;
import io.millrace.cluster.metadata.ImageBuilder;
import io.millrace.cluster.metadata.ImageDelta;
import io.millrace.cluster.metadata.TopicImage;
import io.millrace.cluster.peer.Answer.Decisions;
import io.millrace.cluster.proto.MetadataRecord;
import io.millrace.cluster.quorum.MetadataQuorum;
import io.millrace.cluster.quorum.NotControllerException;
import io.millrace.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides commands and listens for nodes while this node leads the quorum; refuses to while it does
 * not. On the metadata thread.
 */
final class ActiveController {
    private static final long GROWTH_INTERVAL_MS = 2_000;

    private final MetadataQuorum quorum;
    private final ControllerSettings settings;
    private final PublishedImage published;
    private final LongSupplier clockMs;
    private final Liveness liveness;
    private final DeletedTopics deleted = new DeletedTopics();

    /** The published image and all that is proposed: what the next command is decided by. */
    private ClusterImage proposed;

    /** Of {@link #proposed}; made when it is first needed. */
    private @Nullable PartitionIndex index;

    private boolean leads;

    /** Whether what an earlier controller, or a setting, left undone is done. */
    private boolean finished;

    private OptionalInt leader = OptionalInt.empty();
    private int epoch;
    private long balancedMs;
    private long grownMs;

    /** Proposals of which nothing is known yet, and the last of them. */
    private int underWay;

    private CompletableFuture<Long> lastProposal = CompletableFuture.completedFuture(0L);

    ActiveController(
            MetadataQuorum quorum,
            ControllerSettings settings,
            PublishedImage published,
            LongSupplier clockMs) {
        this.quorum = quorum;
        this.settings = settings;
        this.published = published;
        this.clockMs = clockMs;
        this.liveness = new Liveness(settings.sessionTimeoutMs());
        this.proposed = published.get();
    }

    /** What an earlier leader here proposed and did not see committed is gone. */
    void begin(int newEpoch) {
        long nowMs = clockMs.getAsLong();
        leads = true;
        leader = OptionalInt.of(settings.nodeId());
        epoch = newEpoch;
        proposed = published.get();
        index = null;
        finished = false;
        balancedMs = nowMs;
        grownMs = nowMs;
        liveness.begin(proposed, nowMs);
    }

    /** Another leads, or nobody. */
    void end(OptionalInt newLeader, int newEpoch) {
        leads = false;
        index = null;
        leader = newLeader;
        epoch = newEpoch;
    }

    /** Takes nothing any more. */
    void stop() {
        end(OptionalInt.empty(), epoch);
    }

    boolean leads() {
        return leads;
    }

    /** Who decides if this node does not; empty if it does, or nobody is known to. */
    OptionalInt elsewhere() {
        return leads || leader.equals(OptionalInt.of(settings.nodeId()))
                ? OptionalInt.empty()
                : leader;
    }

    NotControllerException notController() {
        return new NotControllerException(elsewhere(), epoch);
    }

    /**
     * Decides commands in order. Done when all that the decisions rest on is committed and
     * published, which is more than their own records: another's proposal may be why one is refused
     * or changes nothing.
     */
    CompletableFuture<Decisions> decide(List<? extends Command> commands) {
        if (!leads) {
            return CompletableFuture.failedFuture(notController());
        }
        var builder = new ImageBuilder(proposed);
        var decisions = new ArrayList<Decision>(commands.size());
        var records = new ArrayList<List<MetadataRecord>>();
        for (Command command : commands) {
            ClusterImage image = builder.build(proposed.endOffset());
            Decision decision = decide(image, command);
            decisions.add(decision);
            if (decision instanceof Decision.Accepted(List<MetadataRecord> accepted)) {
                accepted.forEach(builder::apply);
                records.add(accepted);
                if (index != null) {
                    index.add(image, accepted);
                }
            }
        }
        return propose(Pieces.of(records, Pieces.PIECE_BYTES), builder)
                .thenApply(end -> new Decisions(decisions, end));
    }

    /**
     * Proposes what was decided, piece after piece. Done with the end offset of the last, or with
     * that of all that is known if there is none.
     *
     * @param builder has applied all of it
     */
    private CompletableFuture<Long> propose(
            List<List<MetadataRecord>> pieces, ImageBuilder builder) {
        ClusterImage before = proposed;
        var taken = new ArrayList<MetadataRecord>();
        long end = before.endOffset() + pieces.stream().mapToInt(List::size).sum();
        for (List<MetadataRecord> piece : pieces) {
            CompletableFuture<Long> committed = propose(piece);
            if (committed.isCompletedExceptionally()) {
                if (underWay > 0) {
                    proposed = after(before, taken);
                }
                return committed;
            }
            taken.addAll(piece);
            underWay++;
            proposed = builder.build(end);
            lastProposal = committed.whenComplete((_, _) -> settled());
        }
        return underWay == 0
                ? CompletableFuture.completedFuture(published.get().endOffset())
                : lastProposal;
    }

    private static ClusterImage after(ClusterImage before, List<MetadataRecord> records) {
        var builder = new ImageBuilder(before);
        records.forEach(builder::apply);
        return builder.build(before.endOffset() + records.size());
    }

    private PartitionIndex index() {
        PartitionIndex current = index;
        if (current == null || underWay == 0 && current.isStale(proposed)) {
            current = new PartitionIndex(proposed);
            index = current;
        }
        return current;
    }

    private Decision decide(ClusterImage image, Command command) {
        if (command instanceof Command.CreateTopic create && wasCreated(image, create)) {
            return new Decision.Accepted(List.of());
        }
        Decision decision =
                Controller.decide(
                        image,
                        command,
                        settings.defaults(),
                        (now, node, visitor) -> index().forEach(now, node, visitor));
        if (command instanceof Command.DeleteTopic(UUID id)
                && decision instanceof Decision.Accepted) {
            deleted.add(id, clockMs.getAsLong());
        }
        return decision;
    }

    /** Whether this very creation was decided before: the id is the caller's, and random. */
    private boolean wasCreated(ClusterImage image, Command.CreateTopic create) {
        TopicImage topic = image.topic(create.id());
        return topic == null ? deleted.has(create.id()) : topic.name().equals(create.name());
    }

    private CompletableFuture<Long> propose(List<MetadataRecord> records) {
        try {
            return quorum.propose(records);
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * With nothing under way, what was published is all there is: what failed is forgotten, and the
     * offsets that the quorum took for itself count.
     */
    private void settled() {
        underWay--;
        if (underWay == 0) {
            proposed = published.get();
        }
    }

    /** Something was published; if no records, the quorum took offsets for itself. */
    void published(ImageDelta delta) {
        for (UUID topic : delta.touchedTopics()) {
            if (delta.after().topic(topic) == null) {
                deleted.add(topic, clockMs.getAsLong());
            }
        }
        if (!delta.touchedConfigs().isEmpty() && delta.after().leaderlessCount() > 0) {
            // It may have become right for somebody to lead who lacks records.
            finished = false;
        }
        if (underWay == 0) {
            proposed = published.get();
        }
    }

    /** A node is heard of. Done once what changes for it is committed. */
    CompletableFuture<Beat> heard(Heartbeat heartbeat) {
        if (!leads) {
            return CompletableFuture.failedFuture(notController());
        }
        Beat beat = liveness.heard(proposed, heartbeat, clockMs.getAsLong());
        Beat answer = new Beat(beat.known(), beat.caughtUp(), beat.fenced(), beat.mayStop(), null);
        return beat.change() == null
                ? CompletableFuture.completedFuture(answer)
                : decide(List.of(beat.change())).thenApply(decided -> answer);
    }

    /**
     * Fences the nodes that were silent for too long, and now and then has preferred replicas lead
     * and topics grow that have fewer replicas than they are to have. If it cannot be committed,
     * whoever leads next sees to it.
     */
    void tick() {
        if (!leads) {
            return;
        }
        if (!finished) {
            finish();
        }
        long nowMs = clockMs.getAsLong();
        List<Command.ChangeNode> silent = liveness.silent(proposed, nowMs);
        if (!silent.isEmpty()) {
            var _ = decide(silent);
        }
        if (settings.balanceIntervalMs() > 0
                && nowMs - balancedMs >= settings.balanceIntervalMs()) {
            balancedMs = nowMs;
            var _ = decide(List.of(new Command.BalanceLeaders(settings.balancePercentage())));
        }
        if (nowMs - grownMs >= GROWTH_INTERVAL_MS) {
            grownMs = nowMs;
            List<Command> due = Growth.due(proposed);
            if (!due.isEmpty()) {
                var _ = decide(due);
            }
        }
    }

    /** Tried again at the next tick if it cannot be committed. */
    private void finish() {
        finished = true;
        List<MetadataRecord> records = Controller.finish(proposed, settings.defaults()).records();
        var builder = new ImageBuilder(proposed);
        records.forEach(builder::apply);
        var _ =
                propose(Pieces.of(List.of(records), Pieces.PIECE_BYTES), builder)
                        .whenComplete((_, failure) -> finished &= failure == null);
    }
}
