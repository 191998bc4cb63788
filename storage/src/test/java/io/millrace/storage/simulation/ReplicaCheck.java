package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.LogConfig;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.EpochEnd;
import io.millrace.storage.batch.RecordBatchEditor;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.producer.ProducerStates.ActiveProducer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Compares a follower with its leader, and each with a log that is read anew from its bytes. */
final class ReplicaCheck {
    private static final int WINDOW = 5;

    private final ReplicaPlay play;

    ReplicaCheck(ReplicaPlay play) {
        this.play = play;
    }

    /** After every exchange. */
    void exchanged() {
        sameBytes();
        sameEpochs();
        if (play.isDeleting()) {
            knowsTheEpochsOf(play.leader());
            knowsTheEpochsOf(play.follower());
        } else {
            if (play.random.nextInt(3) == 0) {
                asReadAnew(play.follower(), true);
            }
            if (play.random.nextInt(6) == 0) {
                asReadAnew(play.leader(), false);
            }
        }
    }

    private void sameBytes() {
        PartitionLog leader = play.leader().log();
        PartitionLog follower = play.follower().log();
        long from = Math.max(leader.logStartOffset(), follower.logStartOffset());
        long to = Math.min(leader.logEndOffset(), follower.logEndOffset());
        if (from < to) {
            SortedMap<Long, ByteBuffer> theirs = play.leader().batches(from).headMap(to);
            assertThat(play.follower().batches(from).headMap(to))
                    .as("batches from %d to %d", from, to)
                    .isEqualTo(theirs);
        }
    }

    /** What the follower says of an epoch is what its leader says, as far as the follower goes. */
    private void sameEpochs() {
        PartitionLog leader = play.leader().log();
        PartitionLog follower = play.follower().log();
        int latest = follower.latestEpoch();
        for (int epoch = play.isDeleting() ? latest : 0; epoch <= latest && latest >= 0; epoch++) {
            EpochEnd ours = follower.endOfEpoch(epoch);
            EpochEnd theirs = leader.endOfEpoch(epoch);
            long end = Math.min(theirs.endOffset(), follower.logEndOffset());
            assertThat(ours)
                    .as("end of epoch %d", epoch)
                    .isEqualTo(new EpochEnd(theirs.epoch(), end));
        }
    }

    private void knowsTheEpochsOf(ReplicaNode node) {
        long start = node.log().logStartOffset();
        for (Map.Entry<Long, ByteBuffer> batch : node.batches(start).entrySet()) {
            assertThat(node.log().epochAt(Math.max(start, batch.getKey())))
                    .as("epoch at %d", batch.getKey())
                    .isEqualTo(ReplicaNode.epochOf(batch));
        }
    }

    /** Recovery reads from the bytes alone what appends, crashes and truncations have left. */
    private void asReadAnew(ReplicaNode node, boolean epochsToo) {
        PartitionLog log = node.log();
        PartitionLog anew =
                ReplicaNode.holding(node.batches(0).values(), LogConfig.defaults(), play.nowMs())
                        .log();
        long end = log.logEndOffset();
        assertThat(anew.logEndOffset()).isEqualTo(end);
        assertThat(log.activeProducers())
                .as("producers")
                .containsExactlyInAnyOrderElementsOf(anew.activeProducers());
        assertThat(log.transactions().lastStableOffset(end))
                .as("last stable offset")
                .isEqualTo(anew.transactions().lastStableOffset(end));
        assertThat(log.transactions().aborted(0, end))
                .as("aborted transactions")
                .isEqualTo(anew.transactions().aborted(0, end));
        int last = epochsToo ? play.epoch() + 1 : anew.latestEpoch() - 1;
        for (int epoch = -1; epoch <= last; epoch++) {
            assertThat(log.endOfEpoch(epoch))
                    .as("end of epoch %d", epoch)
                    .isEqualTo(anew.endOfEpoch(epoch));
        }
    }

    /** The last five batches of each producer in its epoch are known to whoever leads. */
    void leaderRecognisesDuplicates() {
        if (play.isDeleting()) {
            return;
        }
        var byProducer = new HashMap<Long, List<ByteBuffer>>();
        for (ByteBuffer batch : play.leader().batches(0).values()) {
            var view = new RecordBatchView().wrap(batch, 0);
            if (view.isControl()) {
                byProducer.remove(view.producerId());
            } else if (view.hasProducer()) {
                byProducer.computeIfAbsent(view.producerId(), id -> new ArrayList<>()).add(batch);
            }
        }
        for (List<ByteBuffer> sent : byProducer.values()) {
            int known = Math.min(WINDOW, sent.size());
            resend(sent.get(sent.size() - 1 - play.random.nextInt(known)));
        }
    }

    private void resend(ByteBuffer stored) {
        long first = new RecordBatchView().wrap(stored, 0).baseOffset();
        ByteBuffer again = LogHistory.copy(stored);
        RecordBatchEditor.assign(again, 0, 0, -1);
        assertThat(
                        play.leader()
                                .log()
                                .append(
                                        again,
                                        new AppendRequest(
                                                Origin.CLIENT, play.epoch(), play.nowMs())))
                .as("answer to a batch sent twice")
                .isInstanceOfSatisfying(
                        AppendResult.Duplicate.class,
                        duplicate -> assertThat(duplicate.firstOffset()).isEqualTo(first));
    }

    /** What a log knows of a producer; null if nothing. */
    @Nullable ActiveProducer producer(PartitionLog log, long id) {
        return log.activeProducers().stream()
                .filter(each -> each.producerId() == id)
                .findFirst()
                .orElse(null);
    }
}
