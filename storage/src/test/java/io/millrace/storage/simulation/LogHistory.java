package io.millrace.storage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogEvents;
import io.millrace.storage.LogOwner;
import io.millrace.storage.LogSlice;
import io.millrace.storage.LogTransactions.Ending;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.PartitionLog.AppendRequest;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.PartitionLog.Refusal;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.batch.ControlRecord;
import io.millrace.storage.batch.RecordBatchEditor;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import io.millrace.storage.simulation.disk.SimulatedDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One log, driven by hand over a simulated disk, beside the model of what it ought to hold. Flushes
 * and the owner's tasks run when they are told to.
 */
final class LogHistory implements LogOwner {
    static final Path FOLDER = Path.of("/data/topic-0");
    private static final long START_MS = 1_700_000_000_000L;

    final Random random;
    final SimulatedDisk disk;
    final Model model = new Model();
    final List<String> events = new ArrayList<>();
    private final Durability durability;
    private final LogConfig config;
    private final SteppedWork work = new SteppedWork();
    private @Nullable PartitionLog log;
    long nowMs = START_MS;
    int epoch;
    private boolean offline;

    LogHistory(long seed, Durability durability, LogConfig config) {
        this.random = new Random(seed);
        this.disk = new SimulatedDisk(seed ^ 0x5EED, Path.of("/data"));
        this.durability = durability;
        this.config = config;
        open();
    }

    PartitionLog log() {
        return Objects.requireNonNull(log);
    }

    boolean isOffline() {
        return offline;
    }

    void open() {
        work.clear();
        offline = false;
        log = null;
        var env =
                new LogEnvironment(
                        disk,
                        work.flushes(),
                        durability,
                        Long.MAX_VALUE,
                        new DiskReserve(disk, FOLDER, 0),
                        new Noted());
        log = PartitionLog.open(env, FOLDER, config, this, nowMs);
    }

    /** Keeps what a log reports. */
    private final class Noted implements LogEvents {
        @Override
        public void tailTruncated(Path segment, long position, long bytesCut) {
            events.add("truncated " + segment + " at " + position + " by " + bytesCut);
        }

        @Override
        public void quarantined(Path log, Quarantine.Range range) {
            events.add("quarantined " + range);
        }

        @Override
        public void noticed(Path path, String what) {
            events.add(path + " " + what);
        }
    }

    @Override
    public void execute(Runnable task) {
        work.forOwner(task);
    }

    @Override
    public void flushed(long offset) {
        assertThat(offset).as("flushed offset").isBetween(model.flushed, model.end);
        model.flushed = offset;
    }

    @Override
    public void offline(StorageException cause) {
        offline = true;
    }

    boolean runFlush() {
        return work.runFlush();
    }

    void runOwner() {
        work.runOwner();
    }

    void flushAll() {
        work.flushAll(log());
    }

    /** Appends a batch of a few records without a producer. */
    AppendResult append() {
        return append(1 + random.nextInt(4), random.nextInt(120), null);
    }

    /** Appends the next batch of a producer. */
    AppendResult appendAs(long producerId) {
        Model.Producer producer =
                model.producers.computeIfAbsent(producerId, id -> new Model.Producer((short) 3));
        return append(1 + random.nextInt(3), random.nextInt(60), producer, producerId);
    }

    private AppendResult append(int records, int valueBytes, Model.@Nullable Producer producer) {
        return append(records, valueBytes, producer, -1);
    }

    private AppendResult append(
            int records, int valueBytes, Model.@Nullable Producer producer, long producerId) {
        var builder = new BatchBuilder();
        int sequence = producer == null ? -1 : producer.nextSequence();
        if (producer != null) {
            builder.producer(producerId, producer.epoch, sequence);
        }
        var timestamps = new ArrayList<Long>();
        for (int i = 0; i < records; i++) {
            byte[] value = new byte[valueBytes];
            random.nextBytes(value);
            timestamps.add(nowMs - random.nextInt(500));
            builder.add(timestamps.getLast(), null, value);
        }
        ByteBuffer bytes = builder.build();
        ByteBuffer asSent = copy(bytes);
        long first = model.end;
        long last = first + records - 1;
        int epochThen = epoch;
        Runnable taken =
                () -> {
                    model.appended(
                            new Model.Batch(first, last, copy(bytes), epochThen, timestamps));
                    if (producer != null) {
                        producer.sent.add(
                                new Model.Sent(
                                        sequence, sequence + records - 1, first, last, asSent));
                    }
                };
        model.uncertain = taken;
        AppendResult result = log().append(bytes, new AppendRequest(Origin.CLIENT, epoch, nowMs));
        if (!offline) {
            model.uncertain = null;
        }
        noteRefused(result, first, bytes, taken);
        if (result instanceof AppendResult.Appended appended) {
            assertThat(appended.firstOffset()).as("first offset").isEqualTo(first);
            assertThat(appended.lastOffset()).as("last offset").isEqualTo(last);
            taken.run();
            if (durability == Durability.OS) {
                model.flushed = model.end;
            }
        }
        return result;
    }

    /** Appends the next batch of a producer's transaction, and begins it if there is none. */
    void appendInTransaction(long producerId) {
        TransactionModel.Standing standing = TransactionModel.standing(model, producerId);
        var builder =
                new BatchBuilder()
                        .producer(producerId, standing.epoch(), standing.nextSequence())
                        .transactional();
        var timestamps = new ArrayList<Long>();
        for (int i = 0; i <= random.nextInt(2); i++) {
            timestamps.add(nowMs - random.nextInt(500));
            builder.add(timestamps.getLast(), null, new byte[random.nextInt(60)]);
        }
        ByteBuffer bytes = builder.build();
        OptionalLong number = log().transactions().beginVerification(bytes);
        var verification = number.isPresent() ? new Verification(number.getAsLong(), false) : null;
        appendToModel(
                bytes,
                timestamps,
                () ->
                        log().append(
                                        bytes,
                                        new AppendRequest(
                                                Origin.CLIENT, epoch, nowMs, verification)));
    }

    /** Ends a producer's transaction. */
    void endTransaction(long producerId, boolean commit) {
        TransactionModel.Standing standing = TransactionModel.standing(model, producerId);
        short raised = (short) (standing.epoch() + 1);
        var end = new TransactionEnd(producerId, raised, 0, commit, true);
        ByteBuffer marker = new ControlRecord(commit, 0).batch(producerId, raised, nowMs);
        RecordBatchEditor.assign(marker, 0, model.end, epoch);
        long before = model.end;
        appendToModel(
                marker,
                List.of(nowMs),
                () -> {
                    Ending ending = log().transactions().end(end, epoch, nowMs);
                    if (ending == Ending.NOT_STORED) {
                        return new AppendResult.Refused(Refusal.DISK_FULL, "no marker", List.of());
                    }
                    boolean written = ending == Ending.ENDED && log().logEndOffset() > before;
                    return written
                            ? new AppendResult.Appended(before, before, -1)
                            : new AppendResult.Duplicate(before, before, -1);
                });
    }

    private void appendToModel(
            ByteBuffer bytes, List<Long> timestamps, Supplier<AppendResult> append) {
        long first = model.end;
        long last = first + timestamps.size() - 1;
        int epochThen = epoch;
        Runnable taken =
                () ->
                        model.appended(
                                new Model.Batch(first, last, copy(bytes), epochThen, timestamps));
        model.uncertain = taken;
        AppendResult result = append.get();
        if (!offline) {
            model.uncertain = null;
        }
        noteRefused(result, first, bytes, taken);
        if (result instanceof AppendResult.Appended) {
            taken.run();
            if (durability == Durability.OS) {
                model.flushed = model.end;
            }
        }
    }

    private void noteRefused(AppendResult result, long first, ByteBuffer bytes, Runnable taken) {
        if (result instanceof AppendResult.Refused refused
                && refused.reason() == Refusal.DISK_FULL) {
            model.refused.add(new Model.Refused(first, bytes, taken));
        }
    }

    /** Sends again what a producer sent before. */
    AppendResult resend(Model.Sent sent) {
        return log().append(copy(sent.asSent()), new AppendRequest(Origin.CLIENT, epoch, nowMs));
    }

    static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }

    /** The process dies and starts again. */
    void killAndReopen() {
        disk.killProcess();
        reopen(model.flushed);
    }

    /** The machine dies and starts again. */
    void losePowerAndReopen(long safeOffset) {
        disk.losePower();
        reopen(safeOffset);
    }

    private void reopen(long safeOffset) {
        open();
        long end = log().logEndOffset();
        if (end > model.end && model.uncertain != null) {
            model.uncertain.run();
        }
        model.uncertain = null;
        model.refused.stream()
                .filter(found -> isThere(found, safeOffset))
                .forEach(model::reappeared);
        model.refused.clear();
        assertThat(end).as("end after a crash").isBetween(safeOffset, model.end);
        model.lostFrom(end);
        model.flushed = end;
        assertThat(log().logStartOffset())
                .as("start after a crash")
                .isBetween(0L, Math.max(model.logStart, end));
        model.logStart = log().logStartOffset();
    }

    private boolean isThere(Model.Refused refused, long safeOffset) {
        long first = refused.first();
        boolean quarantined =
                log().quarantined().stream()
                        .anyMatch(
                                range -> first >= range.firstOffset() && first < range.endOffset());
        if (quarantined
                || first < Math.max(safeOffset, log().logStartOffset())
                || first >= log().logEndOffset()) {
            return false;
        }
        LogSlice slice = log().read(first, log().logEndOffset(), 1, true);
        boolean found = slice.read().equals(refused.bytes());
        slice.release();
        return found;
    }

    void closeAndReopen() {
        do {
            runOwner();
        } while (runFlush());
        log().close(nowMs);
        do {
            runOwner();
        } while (runFlush());
        assertThat(disk.openFiles()).as("files open after a close").isZero();
        open();
        assertThat(log().logEndOffset()).as("end after a clean stop").isEqualTo(model.end);
        assertThat(log().logStartOffset()).as("start after a stop").isEqualTo(model.logStart);
        model.flushed = model.end;
    }

    void damageCheckpoint() {
        Path file = FOLDER.resolve("checkpoint");
        if (disk.files().contains(file)) {
            disk.flip(file, random.nextInt(disk.bytes(file).length), random.nextInt(8));
        }
    }
}
