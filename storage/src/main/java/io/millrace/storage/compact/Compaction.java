package io.millrace.storage.compact;

import io.millrace.storage.batch.MalformedBatchException;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.batch.RecordCursor;
import io.millrace.storage.batch.RecordView;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.AbortedTransaction;
import io.millrace.storage.producer.ProducerStates.LastWritten;
import io.millrace.storage.producer.ProducerSummaries;
import io.millrace.storage.producer.ProducerSummary;
import io.millrace.storage.segment.BatchWalker;
import io.millrace.storage.segment.SegmentFile;
import io.millrace.storage.segment.SegmentNames;
import io.millrace.storage.state.RewrittenSegments;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * One compaction of a log: reads closed segments, which nobody changes, and writes what survives
 * beside them, on disk when {@link #run} returns. Run once, on a cleaner thread; it blocks.
 */
public final class Compaction {
    private final Disk disk;
    private final Path folder;
    private final List<Source> sources;
    private final Settings settings;
    private final Writers writers;
    private final RewrittenSegments before;

    /**
     * A closed segment.
     *
     * @param file held until the compaction has run
     * @param dirty whether it has come since the last compaction
     */
    public record Source(
            long baseOffset, long sizeBytes, long nextOffset, SegmentFile file, boolean dirty) {}

    /**
     * @param keyMemoryBytes memory for the keys ({@code log.cleaner.dedupe.buffer.size})
     * @param noRoom whether the disk is too full for more: what is done by then has to do
     * @param summaryBytes bytes of which one summary of producers speaks, at least
     */
    public record Settings(
            long nowMs,
            long deleteRetentionMs,
            long keyMemoryBytes,
            BooleanSupplier noRoom,
            int summaryBytes) {}

    /**
     * What is known of those who wrote the log.
     *
     * @param last what each producer that is known has written last
     * @param aborted every aborted transaction that reaches into the sources
     */
    public record Writers(Map<Long, LastWritten> last, List<AbortedTransaction> aborted) {
        public Writers {
            last = Map.copyOf(last);
            aborted = List.copyOf(aborted);
        }
    }

    /**
     * A segment's new data file, named {@code .cleaned}.
     *
     * @param aborted the aborted transactions that its markers end, and of which something is left
     * @param producers what producers did in what is left
     */
    public record Cleaned(
            long baseOffset,
            Path file,
            long sizeBytes,
            List<AbortedTransaction> aborted,
            List<ProducerSummary> producers) {}

    /**
     * What became of it.
     *
     * @param cleanedTo offset up to which it got, and every key is unique now
     */
    public record Result(List<Cleaned> segments, long cleanedTo, long bytesBefore) {
        /** The new files by their sizes, which are kept, durably. */
        List<RewrittenSegments.DataFile> files() {
            return sizes(segments);
        }

        /** Bytes of the new files. */
        public long bytesAfter() {
            return segments.stream().mapToLong(Cleaned::sizeBytes).sum();
        }
    }

    /**
     * @param before what was rewritten before, and has to be kept
     */
    public Compaction(
            Disk disk,
            Path folder,
            List<Source> sources,
            Settings settings,
            Writers writers,
            RewrittenSegments before) {
        this.disk = disk;
        this.folder = folder;
        this.sources = List.copyOf(sources);
        this.settings = settings;
        this.writers = writers;
        this.before = before;
    }

    /**
     * Does it.
     *
     * @throws IOException if the disk fails, or a batch that is stored does not check out
     */
    public Result run() throws IOException {
        try {
            var keys = new KeyOffsets(settings.keyMemoryBytes());
            var fates = new TransactionFates(writers.aborted());
            long mappedTo = map(keys, fates);
            var compactor =
                    new BatchCompactor(
                            keys,
                            writers.last(),
                            fates,
                            settings.nowMs(),
                            settings.deleteRetentionMs());
            return rewrite(mappedTo, compactor);
        } catch (MalformedBatchException e) {
            throw new IOException("a stored batch in " + folder + ": " + e.getMessage(), e);
        } finally {
            sources.forEach(source -> source.file().release());
        }
    }

    private Result rewrite(long mappedTo, BatchCompactor compactor) throws IOException {
        var cleaned = new ArrayList<Cleaned>();
        long bytesBefore = 0;
        long cleanedTo = sources.getFirst().baseOffset();
        for (Source source : sources) {
            if (source.nextOffset() > mappedTo || settings.noRoom().getAsBoolean()) {
                break;
            }
            try {
                cleaned.add(rewrite(source, compactor));
            } catch (IOException | RuntimeException e) {
                giveUp(cleaned, source, e);
                throw e;
            }
            bytesBefore += source.sizeBytes();
            cleanedTo = source.nextOffset();
        }
        keepSizes(cleaned);
        return new Result(cleaned, cleanedTo, bytesBefore);
    }

    /** Says which sizes the new files have, before one of them is in its place. */
    private void keepSizes(List<Cleaned> cleaned) throws IOException {
        if (cleaned.isEmpty()) {
            return;
        }
        try {
            RewrittenSegments all = before.with(sizes(cleaned));
            disk.replace(folder.resolve(RewrittenSegments.FILE_NAME), all.encode(), true);
        } catch (IOException e) {
            giveUp(cleaned, sources.getFirst(), e);
            throw e;
        }
    }

    private static List<RewrittenSegments.DataFile> sizes(List<Cleaned> cleaned) {
        return cleaned.stream()
                .map(each -> new RewrittenSegments.DataFile(each.baseOffset(), each.sizeBytes()))
                .toList();
    }

    /** Where it failed, the disk may be full: nothing stays in the way. */
    private void giveUp(List<Cleaned> cleaned, Source begun, Exception why) {
        var files = new ArrayList<Path>();
        cleaned.forEach(done -> files.add(done.file()));
        files.add(target(begun));
        for (Path file : files) {
            try {
                disk.delete(file);
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
    }

    /** Maps the dirty segments' keys; returns the end of the last segment that fitted whole. */
    private long map(KeyOffsets keys, TransactionFates fates) throws IOException {
        long mappedTo = sources.getFirst().baseOffset();
        for (Source source : sources) {
            if (source.dirty() && !map(source, keys, fates)) {
                return mappedTo;
            }
            mappedTo = source.nextOffset();
        }
        return mappedTo;
    }

    private static boolean map(Source source, KeyOffsets keys, TransactionFates fates)
            throws IOException {
        BatchWalker walker = walk(source);
        while (hasNext(source, walker)) {
            RecordBatchView batch = checked(source, walker);
            boolean counts = !batch.isControl() && !fates.isAborted(batch);
            if (counts && !map(batch, keys)) {
                return false;
            }
        }
        return true;
    }

    private static boolean map(RecordBatchView batch, KeyOffsets keys) {
        try (var cursor = new RecordCursor(batch)) {
            for (RecordView record = cursor.next(); record != null; record = cursor.next()) {
                ByteBuffer key = record.key();
                if (key != null && !keys.put(key, cursor.offset())) {
                    return false;
                }
            }
        }
        return true;
    }

    private Cleaned rewrite(Source source, BatchCompactor compactor) throws IOException {
        Path target = target(source);
        disk.delete(target);
        DiskFile file = disk.open(target);
        try {
            long size = 0;
            var producers = new ProducerSummaries(settings.summaryBytes());
            var view = new RecordBatchView();
            BatchWalker walker = walk(source);
            while (hasNext(source, walker)) {
                ByteBuffer kept = compactor.compact(checked(source, walker));
                if (kept != null) {
                    int length = kept.remaining();
                    producers.take(view.wrap(kept, kept.position()), size);
                    file.write(kept, size);
                    size += length;
                }
            }
            file.sync();
            return new Cleaned(
                    source.baseOffset(), target, size, compactor.takeAborted(), producers.all());
        } finally {
            file.close();
        }
    }

    private Path target(Source source) {
        return SegmentNames.file(
                folder, source.baseOffset(), SegmentNames.LOG + SegmentNames.CLEANED);
    }

    private static BatchWalker walk(Source source) {
        var range =
                new BatchWalker.Range(
                        source.baseOffset(), 0, source.sizeBytes(), source.baseOffset());
        return new BatchWalker(source.file(), range, new Quarantine());
    }

    /** Moves to the next batch. What is no batch ends the compaction, lest what follows it go. */
    private static boolean hasNext(Source source, BatchWalker walker) throws IOException {
        BatchWalker.Step step = walker.next();
        if (step == BatchWalker.Step.BAD
                || step == BatchWalker.Step.BATCH
                        && walker.batch().lastOffset() >= source.nextOffset()) {
            throw new IOException(
                    "%s: what lies at byte %d is no batch of the offsets %d to %d"
                            .formatted(
                                    source.file().path(),
                                    walker.position(),
                                    walker.expectedOffset(),
                                    source.nextOffset() - 1));
        }
        return step == BatchWalker.Step.BATCH;
    }

    private static RecordBatchView checked(Source source, BatchWalker walker) throws IOException {
        if (!walker.isIntact()) {
            throw new IOException(
                    "%s: the batch at byte %d fails its checksum"
                            .formatted(source.file().path(), walker.position()));
        }
        return walker.batch();
    }
}
