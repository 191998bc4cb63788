package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.storage.CorruptRangeException;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.batch.TimestampedOffset;
import io.millrace.storage.plan.Quarantine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Compares a log with its model. */
final class LogCheck {
    private final LogHistory history;
    private final Model model;

    LogCheck(LogHistory history) {
        this.history = history;
        this.model = history.model;
    }

    private PartitionLog log() {
        return history.log();
    }

    private boolean isQuarantined(long offset) {
        return log().quarantined().stream()
                .anyMatch(range -> offset >= range.firstOffset() && offset < range.endOffset());
    }

    /** Every offset leads to its batch, whose bytes are those that were appended. */
    void everyOffsetReadsItsBatch() {
        assertThat(log().logEndOffset()).isEqualTo(model.end);
        for (long offset = model.logStart; offset < model.end; offset++) {
            reads(offset);
        }
    }

    void reads(long offset) {
        if (isQuarantined(offset)) {
            assertThatThrownBy(() -> log().read(offset, model.end, 1, true))
                    .isInstanceOf(CorruptRangeException.class);
            return;
        }
        Model.Batch batch = held(offset);
        ByteBuffer bytes = read(offset, 1);
        assertThat(bytes).as("batch at offset %d", offset).isEqualTo(batch.bytes());
    }

    private ByteBuffer read(long offset, int maxBytes) {
        LogSlice slice = log().read(offset, model.end, maxBytes, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        return bytes;
    }

    /** One read after the other gives every batch that is not quarantined, in order. */
    void readsThrough() {
        long offset = model.logStart;
        while (offset < model.end) {
            if (isQuarantined(offset)) {
                offset++;
                continue;
            }
            offset = assertBatches(read(offset, 1 + history.random.nextInt(700)), offset);
        }
    }

    private long assertBatches(ByteBuffer bytes, long from) {
        long next = from;
        int at = 0;
        while (bytes.limit() - at >= 12 && bytes.limit() - at >= sizeAt(bytes, at)) {
            Model.Batch expected = held(next);
            assertThat(bytes.slice(at, sizeAt(bytes, at)))
                    .as("batch at %d", next)
                    .isEqualTo(expected.bytes());
            next = expected.last() + 1;
            at += sizeAt(bytes, at);
        }
        assertThat(at).as("bytes of whole batches in a read at %d", from).isPositive();
        return next;
    }

    private Model.Batch held(long offset) {
        return Objects.requireNonNull(
                model.holding(offset), () -> "the model has no batch at " + offset);
    }

    private static int sizeAt(ByteBuffer bytes, int at) {
        return 12 + bytes.getInt(at + 8);
    }

    /** A read never goes past the end that it was given. */
    void readsStopAtTheEndOffset() {
        if (model.end == model.logStart) {
            return;
        }
        long offset = someOffset();
        long end = offset + history.random.nextInt((int) (model.end - offset) + 1);
        if (isQuarantined(offset)) {
            return;
        }
        LogSlice slice = log().read(offset, end, Integer.MAX_VALUE, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        int at = 0;
        while (at < bytes.limit()) {
            long last = bytes.getLong(at) + bytes.getInt(at + 23);
            assertThat(last).as("last offset of a batch read up to %d", end).isLessThan(end);
            at += sizeAt(bytes, at);
        }
        assertThat(at).isEqualTo(bytes.limit());
    }

    long someOffset() {
        return model.logStart + history.random.nextInt((int) (model.end - model.logStart));
    }

    /** Lookups by time give what a scan of every record gives. */
    void findsByTime() {
        long timestamp = history.nowMs - history.random.nextInt(20_000);
        Optional<Long> expected = Optional.empty();
        Optional<Long> newest = Optional.empty();
        long largest = -1;
        for (Model.Batch batch : model.batches.values()) {
            for (int i = 0; i < batch.timestamps().size(); i++) {
                long offset = batch.first() + i;
                if (offset < model.logStart || isQuarantined(offset)) {
                    continue;
                }
                if (expected.isEmpty() && batch.timestamps().get(i) >= timestamp) {
                    expected = Optional.of(offset);
                }
                if (batch.timestamps().get(i) > largest) {
                    largest = batch.timestamps().get(i);
                    newest = Optional.of(offset);
                }
            }
        }
        assertThat(log().offsetForTimestamp(timestamp, model.end).map(TimestampedOffset::offset))
                .as("offset for timestamp %d", timestamp)
                .isEqualTo(expected);
        assertThat(log().offsetOfMaxTimestamp(model.end).map(TimestampedOffset::offset))
                .as("offset of the largest timestamp")
                .isEqualTo(newest);
    }

    /** Epochs end where the next one begins. */
    void knowsItsEpochs() {
        List<Model.Batch> kept = new ArrayList<>();
        for (Model.Batch batch : model.batches.values()) {
            if (batch.last() >= model.logStart && !isQuarantined(batch.first())) {
                kept.add(batch);
            }
        }
        if (kept.isEmpty()) {
            return;
        }
        int latest = kept.getLast().epoch();
        assertThat(log().latestEpoch()).as("latest epoch").isGreaterThanOrEqualTo(latest);
        for (Model.Batch batch : kept) {
            assertThat(log().epochAt(Math.max(batch.first(), model.logStart)))
                    .as("epoch at %d", batch.first())
                    .isEqualTo(batch.epoch());
        }
    }

    /** What a producer sent last is recognised, and what it has not sent is missed. */
    void recognisesDuplicates() {
        for (Model.Producer producer : model.producers.values()) {
            if (producer.sent.isEmpty() || producer.sent.getLast().first() < model.logStart) {
                continue;
            }
            int known = Math.min(5, producer.sent.size());
            Model.Sent sent =
                    producer.sent.get(producer.sent.size() - 1 - history.random.nextInt(known));
            boolean lost = sent.first() < model.logStart || isQuarantined(sent.first());
            if (lost || isQuarantined(producer.sent.getLast().first())) {
                continue;
            }
            AppendResult again = history.resend(sent);
            assertThat(again)
                    .as("answer to a batch sent twice, at %d", sent.first())
                    .isInstanceOfSatisfying(
                            AppendResult.Duplicate.class,
                            duplicate -> {
                                assertThat(duplicate.firstOffset()).isEqualTo(sent.first());
                                assertThat(duplicate.lastOffset()).isEqualTo(sent.last());
                            });
        }
    }

    /** Nothing is quarantined but what is said to be damaged. */
    void quarantinedOnly(Long... firstOffsets) {
        List<Long> found =
                log().quarantined().stream().map(Quarantine.Range::firstOffset).sorted().toList();
        assertThat(found).as("quarantined ranges").containsExactly(firstOffsets);
    }

    /** What is quarantined is there: offsets without bytes were never written, and are cut. */
    void quarantinesBytes() {
        for (Quarantine.Range range : log().quarantined()) {
            assertThat(range.endPosition()).as("end of %s", range).isGreaterThan(range.position());
        }
    }

    /**
     * What is quarantined holds bytes of its batch, from its first sector to its last. Not to be
     * asked where records hold zeros.
     */
    void quarantinesNoHole() {
        for (Quarantine.Range range : log().quarantined()) {
            byte[] bytes =
                    history.disk.bytes(
                            LogHistory.FOLDER.resolve("%020d.log".formatted(range.segmentBase())));
            for (int from = (int) range.position(); from < range.endPosition(); ) {
                int to = (int) Math.min(range.endPosition(), (from / 512 + 1L) * 512);
                boolean zero = true;
                for (int i = from; i < to; i++) {
                    zero &= bytes[i] == 0;
                }
                assertThat(zero && to - from >= 12).as("a hole in %s", range).isFalse();
                from = to;
            }
        }
    }

    /**
     * The last stable offset is exact, and a client skips what was aborted and nothing else. Of a
     * transaction whose records have been deleted a log may know or not know.
     */
    void knowsItsTransactions() {
        if (!log().quarantined().isEmpty()) {
            return;
        }
        var remembered = new TransactionModel(model, 0);
        var left = new TransactionModel(model, model.batchStart(model.logStart));
        long start = Math.min(model.logStart, model.flushed);
        long exact = Math.max(left.lastStableOffset(model.flushed), start);
        long stable = log().transactions().lastStableOffset(model.flushed);
        assertThat(stable)
                .as("last stable offset of %s from %d", remembered.transactions, start)
                .isIn(exact, remembered.reachesBefore(model.logStart) ? start : exact);
        long from =
                model.logStart + history.random.nextInt((int) Math.max(1, stable - model.logStart));
        assertThat(left.seenByClient(from, stable, log().transactions().aborted(from, stable)))
                .as("batches that are seen as committed from %d to %d", from, stable)
                .isEqualTo(left.committed(from, stable));
    }

    void everything() {
        knowsItsTransactions();
        everyOffsetReadsItsBatch();
        readsThrough();
        readsStopAtTheEndOffset();
        findsByTime();
        knowsItsEpochs();
        if (!history.isOffline()) {
            recognisesDuplicates();
        }
    }

    /** The batches that begin there are out of service, each of them whole, and no others. */
    void quarantinesExactly(Set<Long> firstOffsets) {
        for (long offset = model.logStart; offset < model.end; offset++) {
            assertThat(isQuarantined(offset))
                    .as("whether %d is quarantined", offset)
                    .isEqualTo(firstOffsets.contains(held(offset).first()));
        }
    }

    /** Reads every offset; those of damaged batches are refused, or give the damaged bytes. */
    void readsAllWithout(Set<Long> firstOffsets) {
        for (long offset = model.logStart; offset < model.end; offset++) {
            if (firstOffsets.contains(held(offset).first())) {
                readsOrRefuses(offset);
            } else {
                reads(offset);
                assertThat(isQuarantined(offset)).as("whether %d is quarantined", offset).isFalse();
            }
        }
    }

    private void readsOrRefuses(long offset) {
        try {
            assertThat(read(offset, 1).remaining()).isPositive();
        } catch (CorruptRangeException refused) {
            assertThat(isQuarantined(offset)).isTrue();
        }
    }
}
