package io.millrace.storage.repair;

import io.millrace.storage.plan.LeaderEpochs;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.Segment;
import io.millrace.storage.state.LogState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Corrects what a log knows of its epochs where a batch had a wrong one. */
final class EpochCorrection {
    private EpochCorrection() {}

    /**
     * A batch has another epoch than was stored with it.
     *
     * @param batch its place
     */
    static void correct(LogState state, Quarantine.Range batch, int wrong, int right)
            throws IOException {
        LeaderEpochs epochs = state.epochs();
        if (right > wrong) {
            epochs.learn(right, batch.firstOffset());
        } else if (epochs.beginsWithin(wrong, batch.firstOffset(), batch.endOffset())) {
            epochs.notYet(wrong, behind(state, batch, wrong));
        }
    }

    /** What begins behind a batch, up to an epoch, which may have no batch yet. */
    private static List<LeaderEpochs.Start> behind(
            LogState state, Quarantine.Range batch, int epoch) throws IOException {
        var starts = new ArrayList<LeaderEpochs.Start>();
        int latest = LeaderEpochs.NONE;
        for (Segment segment : state.segments().tailMap(batch.segmentBase(), true).values()) {
            boolean own = segment.baseOffset() == batch.segmentBase();
            long from = own ? batch.endPosition() : 0;
            long least = own ? batch.endOffset() : segment.baseOffset();
            BatchWalker walker = segment.walk(from, segment.sizeBytes(), least);
            while (latest < epoch && walker.next() == BatchWalker.Step.BATCH) {
                int found = walker.batch().partitionLeaderEpoch();
                if (found > latest) {
                    starts.add(new LeaderEpochs.Start(found, walker.batch().baseOffset()));
                    latest = found;
                }
            }
        }
        if (latest < epoch) {
            starts.add(new LeaderEpochs.Start(epoch, state.logEndOffset()));
        }
        return starts;
    }
}
