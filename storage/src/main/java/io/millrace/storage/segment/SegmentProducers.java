package io.millrace.storage.segment;

import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.disk.ShortageException;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.ProducerSummaries;
import io.millrace.storage.producer.ProducerSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Summaries of what producers did in one segment, so that who wants to know need not read all of
 * it, and their file. The file is never needed and never trusted: each summary has a CRC, says
 * which batch is its last, and counts only while that one is where it was and nothing in its
 * stretch is quarantined. What has no summary is read. In memory are those that are not in the file
 * yet, and the last. Belongs to the log's owner.
 */
public final class SegmentProducers {
    private final SegmentHome home;
    private final Segment segment;

    /** Those behind the first {@code storedBytes} of the file. */
    private @Nullable ProducerSummaries held;

    private long storedBytes;
    private boolean loaded;
    private boolean stored = true;

    SegmentProducers(SegmentHome home, Segment segment) {
        this.home = home;
        this.segment = segment;
    }

    /** Where its file is, if it has one. */
    Path path() {
        return home.file(segment.baseOffset(), SegmentNames.PRODUCERS);
    }

    /** Says that there is no file, or none that counts. */
    void isNew() {
        loaded = true;
    }

    /** Has what is needed in memory, so that {@link #take} need not read. */
    public void load() throws IOException {
        if (loaded) {
            return;
        }
        ByteBuffer bytes = home.disk().readWhole(path());
        List<ProducerSummary> all = decode(bytes);
        hold(List.of());
        if (!all.isEmpty() && isAsWritten(all.getLast())) {
            hold(List.of(all.getLast()));
            storedBytes = bytes.position() - sizeOf(all.getLast());
        }
        loaded = true;
    }

    /** In memory are these, and no others. */
    private void hold(List<ProducerSummary> summaries) {
        held = null;
        storedBytes = 0;
        if (!summaries.isEmpty()) {
            var fresh = new ProducerSummaries(home.summaryBytes());
            summaries.forEach(fresh::add);
            held = fresh;
        }
    }

    private List<ProducerSummary> held() {
        return held == null ? List.of() : held.all();
    }

    private static long sizeOf(ProducerSummary summary) {
        return summary.encode().remaining();
    }

    /** Takes a batch that lies in the segment now; a marker with its records. */
    public void take(RecordBatchView batch, long position) {
        ProducerSummaries known = held;
        if (known == null) {
            known = new ProducerSummaries(home.summaryBytes());
            held = known;
        }
        known.take(batch, position);
        stored = false;
    }

    /** Every summary, in the order of their stretches, which may have gaps between them. */
    public List<ProducerSummary> all() throws IOException {
        load();
        List<ProducerSummary> all = List.of();
        if (storedBytes > 0) {
            ByteBuffer bytes = home.disk().readWhole(path());
            all = decode(bytes.limit((int) Math.min(bytes.limit(), storedBytes)));
        }
        var both = new ArrayList<>(all);
        both.addAll(held());
        return both;
    }

    /** Leads the buffer past all that follow each other and lie inside the data file. */
    private List<ProducerSummary> decode(ByteBuffer bytes) {
        var read = new ArrayList<ProducerSummary>();
        long end = 0;
        for (int size = ProducerSummary.sizeAt(bytes);
                size > 0;
                size = ProducerSummary.sizeAt(bytes)) {
            ProducerSummary next = ProducerSummary.decode(bytes);
            if (next == null
                    || next.fromPosition() < end
                    || next.endPosition() > segment.sizeBytes()) {
                break;
            }
            read.add(next);
            end = next.endPosition();
            bytes.position(bytes.position() + size);
        }
        return read;
    }

    /** Whether the segment holds the batches of which a summary speaks, and all can be read. */
    public boolean isAsWritten(ProducerSummary summary) throws IOException {
        Quarantine.Range bad =
                home.quarantine().after(segment.baseOffset(), summary.fromPosition());
        if (bad != null && bad.position() < summary.endPosition()) {
            return false;
        }
        BatchWalker last =
                segment.walk(summary.lastPosition(), summary.endPosition(), summary.firstOffset());
        return last.next() == BatchWalker.Step.BATCH
                && last.nextPosition() == summary.endPosition()
                && last.batch().lastOffset() + 1 == summary.endOffset()
                && last.batch().crc() == summary.lastCrc();
    }

    /** Whether there is anything. */
    public boolean isEmpty() throws IOException {
        return all().isEmpty();
    }

    /** Knows these instead, and adds them to the file. Not durable. */
    public void replaceBy(List<ProducerSummary> summaries) throws IOException {
        know(summaries);
        store();
    }

    /**
     * Forgets what reaches past an end, durably: something else may come to lie there, or what was
     * there is not believed any more.
     */
    public void forgetPast(long endPosition, long endOffset) throws IOException {
        var kept = new ArrayList<ProducerSummary>();
        for (ProducerSummary each : all()) {
            if (each.endPosition() <= endPosition && each.endOffset() <= endOffset) {
                kept.add(each);
            }
        }
        ByteBuffer content = encode(kept);
        boolean same = content.equals(home.disk().readWhole(path()));
        know(kept);
        if (same || replaceFile(content)) {
            isStored();
        }
    }

    private void know(List<ProducerSummary> summaries) {
        hold(summaries);
        loaded = true;
        stored = false;
    }

    /** Where there is no room for a file, there is none, and all of it has to be stored again. */
    private boolean replaceFile(ByteBuffer content) throws IOException {
        try {
            if (content.hasRemaining()) {
                home.disk().replace(path(), content, true);
                return true;
            }
        } catch (ShortageException e) {
            // Any file would be worse than none.
        }
        home.disk().delete(path());
        home.disk().syncFolder(home.folder());
        return !content.hasRemaining();
    }

    /** Notes that the file holds all that is known; the last one stays, since it may grow. */
    private void isStored() {
        stored = true;
        List<ProducerSummary> all = held();
        if (all.size() > 1) {
            long bytes = storedBytes;
            for (ProducerSummary each : all.subList(0, all.size() - 1)) {
                bytes += sizeOf(each);
            }
            hold(List.of(all.getLast()));
            storedBytes = bytes;
        }
    }

    private static ByteBuffer encode(List<ProducerSummary> summaries) {
        List<ByteBuffer> blocks = summaries.stream().map(ProducerSummary::encode).toList();
        var bytes = ByteBuffer.allocate(blocks.stream().mapToInt(ByteBuffer::remaining).sum());
        blocks.forEach(bytes::put);
        return bytes.flip();
    }

    /** Has the file hold all that is known. Not durable; if there is no room, later. */
    void store() throws IOException {
        if (stored) {
            return;
        }
        try {
            DiskFile file = home.disk().open(path());
            try {
                file.truncate(storedBytes);
                file.write(encode(held()), storedBytes);
            } finally {
                file.close();
            }
        } catch (ShortageException e) {
            return;
        }
        isStored();
    }

    /** Lets go of what the file holds. */
    public void close() {
        if (stored && segment.isOnDisk()) {
            hold(List.of());
            loaded = false;
        }
    }

    /** Whether nothing is in memory. */
    boolean isIdle() {
        return stored && !loaded;
    }
}
