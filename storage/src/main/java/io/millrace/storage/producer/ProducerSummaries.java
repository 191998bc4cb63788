package io.millrace.storage.producer;

import io.millrace.storage.batch.RecordBatchView;
import java.util.ArrayList;
import java.util.List;

/**
 * Summaries of the stretches of one data file, in order, which need not follow each other without a
 * gap. The last one grows until it is long enough. Mutable; belongs to one thread.
 */
public final class ProducerSummaries {
    private final int stretchBytes;
    private final List<ProducerSummary> all = new ArrayList<>(1);

    /**
     * @param stretchBytes bytes that one covers, at least, before the next begins
     */
    public ProducerSummaries(int stretchBytes) {
        this.stretchBytes = stretchBytes;
    }

    /** Takes a batch that lies behind all that was taken; a marker with its records. */
    public void take(RecordBatchView batch, long position) {
        ProducerSummary last = all.isEmpty() ? null : all.getLast();
        if (last != null && last.endPosition() == position && !last.isFull(stretchBytes)) {
            last.take(batch, position);
        } else {
            all.add(ProducerSummary.of(batch, position));
        }
    }

    /** Takes one that lies behind all that was taken. */
    public void add(ProducerSummary summary) {
        all.add(summary);
    }

    public List<ProducerSummary> all() {
        return all;
    }
}
