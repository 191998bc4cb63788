package io.millrace.storage.simulation;

import io.millrace.storage.Durability;
import io.millrace.storage.LogConfig;
import io.millrace.storage.LogEnvironment;
import io.millrace.storage.LogEvents;
import io.millrace.storage.LogOwner;
import io.millrace.storage.LogSlice;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.millrace.storage.batch.EpochEnd;
import io.millrace.storage.batch.RecordBatchView;
import io.millrace.storage.disk.DiskReserve;
import io.millrace.storage.plan.Quarantine;
import io.millrace.storage.simulation.disk.SimulatedDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A node with one log on its own simulated disk, whose flushes run when they are told to. */
final class ReplicaNode implements LogOwner, LogEvents {
    private static final Path FOLDER = Path.of("/data/topic-0");

    final SimulatedDisk disk;
    private final LogConfig config;
    private final SteppedWork work = new SteppedWork();
    private @Nullable PartitionLog log;

    ReplicaNode(long seed, LogConfig config) {
        this.disk = new SimulatedDisk(seed, Path.of("/data"));
        this.config = config;
    }

    /** A node that has these batches in one file, and nothing else to go by. */
    static ReplicaNode holding(Iterable<ByteBuffer> batches, LogConfig config, long nowMs) {
        var node = new ReplicaNode(0, config);
        var all = ByteBuffer.allocate(1 << 17);
        batches.forEach(batch -> all.put(batch.duplicate()));
        all.flip();
        if (all.hasRemaining()) {
            byte[] bytes = new byte[all.remaining()];
            all.get(bytes);
            node.create(FOLDER.resolve("00000000000000000000.log"), bytes);
        }
        node.open(nowMs);
        return node;
    }

    private void create(Path file, byte[] bytes) {
        try {
            disk.createFolder(FOLDER);
            disk.replace(file, ByteBuffer.wrap(bytes), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    PartitionLog log() {
        return Objects.requireNonNull(log);
    }

    void open(long nowMs) {
        work.clear();
        log = null;
        var env =
                new LogEnvironment(
                        disk,
                        work.flushes(),
                        Durability.FSYNC,
                        Long.MAX_VALUE,
                        new DiskReserve(disk, FOLDER, 0),
                        this);
        log = PartitionLog.open(env, FOLDER, config, this, nowMs);
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

    /** Stops the log cleanly and opens it again. */
    void restart(long nowMs) {
        flushAll();
        log().close(nowMs);
        open(nowMs);
    }

    /** Stops it in the midst; what it then knows of the log is what recovery reads. */
    void reopenWithoutCheckpoint(long nowMs) {
        disk.killProcess();
        disk.delete(FOLDER.resolve("checkpoint"));
        open(nowMs);
    }

    /**
     * Cuts off what is not the leader's, as a follower has to when an epoch begins (KIP-101,
     * KIP-279).
     */
    void truncateBy(PartitionLog leader) {
        flushAll();
        boolean agreed = false;
        while (!agreed) {
            int latest = log().latestEpoch();
            EpochEnd theirs = leader.endOfEpoch(latest);
            EpochEnd ours = log().endOfEpoch(theirs.epoch());
            boolean same = theirs.epoch() == latest;
            long end = same ? theirs.endOffset() : Math.min(theirs.endOffset(), ours.endOffset());
            log().truncateTo(Math.clamp(end, 0, log().logEndOffset()));
            agreed = same || ours.epoch() == theirs.epoch() || log().latestEpoch() < 0;
        }
    }

    /** Every batch from an offset on by its first offset; the first may begin before it. */
    NavigableMap<Long, ByteBuffer> batches(long from) {
        var batches = new TreeMap<Long, ByteBuffer>();
        long offset = Math.max(from, log().logStartOffset());
        while (offset < log().logEndOffset()) {
            ByteBuffer bytes = read(offset, 1 << 20);
            for (int at = 0; at < bytes.limit(); ) {
                var view = new RecordBatchView().wrap(bytes, at);
                batches.put(view.baseOffset(), bytes.slice(at, view.sizeBytes()));
                offset = view.lastOffset() + 1;
                at += view.sizeBytes();
            }
        }
        return batches;
    }

    /** What a fetch of at least one batch gets. */
    ByteBuffer read(long offset, int maxBytes) {
        LogSlice slice = log().read(offset, log().logEndOffset(), maxBytes, true);
        ByteBuffer bytes = slice.read();
        slice.release();
        return bytes;
    }

    /** The epoch of each batch by its header. */
    static int epochOf(Map.Entry<Long, ByteBuffer> batch) {
        return new RecordBatchView().wrap(batch.getValue(), 0).partitionLeaderEpoch();
    }

    @Override
    public void execute(Runnable task) {
        work.forOwner(task);
    }

    @Override
    public void flushed(long offset) {}

    @Override
    public void offline(StorageException cause) {
        throw new AssertionError("offline", cause);
    }

    @Override
    public void tailTruncated(Path segment, long position, long bytesCut) {}

    @Override
    public void quarantined(Path folder, Quarantine.Range range) {}

    @Override
    public void noticed(Path path, String what) {}
}
