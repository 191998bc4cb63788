package io.millrace.storage.repair;

import io.millrace.storage.batch.RecordBatchView;
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
    /** A batch whose epoch is too new looks right only if others soon follow that are as new. */
    private static final int MOST_BATCHES = 1000;

    private EpochCorrection() {}

    /**
     * A batch has another epoch than was stored with it.
     *
     * @param place where it lies
     * @param stored its header, as it was
     * @param right its epoch
     * @param behind what {@link #behind} found
     */
    static void correct(
            LeaderEpochs epochs,
            Quarantine.Range place,
            RecordBatchView stored,
            int right,
            List<LeaderEpochs.Start> behind) {
        int wrong = stored.partitionLeaderEpoch();
        if (epochs.beginsWithin(wrong, place.firstOffset(), place.endOffset())) {
            epochs.notYet(wrong, behind);
        }
        epochs.learn(right, place.firstOffset());
    }

    /** What begins behind a batch, up to the epoch that was stored with it, or a newer one. */
    static List<LeaderEpochs.Start> behind(
            LogState state, Quarantine.Range place, RecordBatchView stored) throws IOException {
        var starts = new ArrayList<LeaderEpochs.Start>();
        int latest = LeaderEpochs.NONE;
        int batches = 0;
        for (Segment segment : state.segments().tailMap(place.segmentBase(), true).values()) {
            boolean own = segment.baseOffset() == place.segmentBase();
            long from = own ? place.endPosition() : 0;
            long least = own ? place.endOffset() : segment.baseOffset();
            BatchWalker walker = segment.walk(from, segment.sizeBytes(), least);
            while (walker.next() == BatchWalker.Step.BATCH) {
                int found = walker.batch().partitionLeaderEpoch();
                if (found > latest) {
                    starts.add(new LeaderEpochs.Start(found, walker.batch().baseOffset()));
                    latest = found;
                }
                if (latest >= stored.partitionLeaderEpoch() || ++batches >= MOST_BATCHES) {
                    return starts;
                }
            }
        }
        return starts;
    }
}
