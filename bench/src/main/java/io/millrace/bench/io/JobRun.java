package io.millrace.bench.io;

import io.millrace.bench.io.plan.Extent;
import io.millrace.bench.io.plan.Job;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.SyncPolicy;
import io.millrace.bench.io.plan.Workload;
import io.millrace.bench.io.store.Blocks;
import io.millrace.bench.io.store.FileReads;
import io.millrace.bench.io.store.FileWrites;
import io.millrace.bench.io.store.LogReads;
import io.millrace.bench.io.store.LogWrites;
import io.millrace.bench.io.store.MappedWrites;
import io.millrace.bench.io.store.PageCache;
import io.millrace.bench.io.store.QueueReads;
import io.millrace.bench.io.store.QueueWrites;
import io.millrace.bench.io.store.ReadTarget;
import io.millrace.bench.io.store.WriteTarget;
import io.millrace.storage.disk.RealDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Runs jobs in a folder, one at a time, and leaves nothing of what they wrote. Blocks. */
final class JobRun {
    private static final int SEED = 42;

    private final Path base;
    private final Extent extent;
    private final ReadFolders readFolders;

    JobRun(Path base, Extent extent) {
        this.base = base;
        this.extent = extent;
        this.readFolders = new ReadFolders(base, extent);
    }

    Outcome run(Job job) throws IOException, InterruptedException {
        return switch (job.workload()) {
            case Workload.Writes writes -> write(writes, job.subject());
            case Workload.Reads reads -> read(reads, job.subject());
        };
    }

    private Outcome write(Workload.Writes writes, Subject subject) throws IOException {
        Path folder = Files.createDirectories(base.resolve("write"));
        try {
            long fileBytes = bytesEach(writes);
            if (writes.preallocated()) {
                for (int file = 0; file < writes.files(); file++) {
                    Blocks.makeZeros(Blocks.file(folder, file), fileBytes);
                }
            }
            try (WriteTarget target = open(writes, subject, folder, fileBytes)) {
                return write(writes, target, fileBytes / writes.blockBytes());
            }
        } finally {
            new RealDisk().delete(folder);
        }
    }

    private long bytesEach(Workload.Writes writes) {
        long all = writes.preallocated() ? extent.zerosBytes() : extent.runBytes();
        long blocks = Math.max(1, all / writes.files() / writes.blockBytes());
        return blocks * writes.blockBytes();
    }

    private static WriteTarget open(
            Workload.Writes writes, Subject subject, Path folder, long fileBytes)
            throws IOException {
        return switch (subject) {
            case PLAIN -> FileWrites.plain(folder, writes);
            case GATHERING -> FileWrites.gathering(folder, writes);
            case MAPPED -> new MappedWrites(folder, writes, fileBytes);
            case DIRECT -> FileWrites.direct(folder, writes);
            case MILLRACE -> new LogWrites(folder, writes);
            case CHRONICLE -> new QueueWrites(folder, writes);
        };
    }

    private Outcome write(Workload.Writes writes, WriteTarget target, long blocksEach)
            throws IOException {
        var latencyNs = new Histogram(3);
        var due = new SyncTimer(writes.sync(), System.nanoTime());
        var order = new BlockOrder(writes.random(), writes.files(), blocksEach, SEED);
        long most = writes.preallocated() ? Long.MAX_VALUE : blocksEach * writes.files();
        long startNs = System.nanoTime();
        long endNs = startNs + TimeUnit.MILLISECONDS.toNanos(extent.runMs());
        long nowNs = startNs;
        for (long done = 0; done < most && nowNs < endNs; done++) {
            long beganNs = nowNs;
            target.write(order.file(done), order.block(done));
            if (due.isDue(System.nanoTime())) {
                target.sync();
            }
            nowNs = System.nanoTime();
            latencyNs.recordValue(nowNs - beganNs);
        }
        long durableNs = 0;
        if (isSyncedAtTheEnd(writes)) {
            target.sync();
            durableNs = System.nanoTime() - startNs;
        }
        long bytes = latencyNs.getTotalCount() * writes.blockBytes();
        return new Outcome(bytes, nowNs - startNs, durableNs, latencyNs, -1);
    }

    /** The one pattern whose last sync is told apart; the rest is deleted before it has to be. */
    private static boolean isSyncedAtTheEnd(Workload.Writes writes) {
        return writes.sync() instanceof SyncPolicy.Never && writes.files() == 1 && !writes.random();
    }

    private Outcome read(Workload.Reads reads, Subject subject)
            throws IOException, InterruptedException {
        Path folder = readFolders.of(subject, reads.files());
        if (reads.cold()) {
            PageCache.forget(folder);
        } else {
            warm(folder);
        }
        long blocksEach = readFolders.bytesEach(reads.files()) / reads.blockBytes();
        try (ReadTarget target = open(reads, subject, folder)) {
            return read(reads, target, blocksEach);
        }
    }

    private static void warm(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (var in = Files.newInputStream(file)) {
                    in.transferTo(java.io.OutputStream.nullOutputStream());
                }
            }
        }
    }

    private static ReadTarget open(Workload.Reads reads, Subject subject, Path folder)
            throws IOException {
        return switch (subject) {
            case MILLRACE -> new LogReads(folder, reads);
            case CHRONICLE -> new QueueReads(folder);
            default -> new FileReads(folder, reads, subject);
        };
    }

    private Outcome read(Workload.Reads reads, ReadTarget target, long blocksEach)
            throws IOException {
        var latencyNs = new Histogram(3);
        var order = new BlockOrder(reads.random(), reads.files(), blocksEach, SEED);
        long most = reads.cold() ? blocksEach * reads.files() : Long.MAX_VALUE;
        long deviceBefore = PageCache.deviceBytes();
        long bytes = 0;
        long startNs = System.nanoTime();
        long endNs = startNs + TimeUnit.MILLISECONDS.toNanos(extent.runMs());
        long nowNs = startNs;
        for (long done = 0; done < most && nowNs < endNs; done++) {
            long beganNs = nowNs;
            bytes += target.read(order.file(done), order.block(done));
            nowNs = System.nanoTime();
            latencyNs.recordValue(nowNs - beganNs);
        }
        long fromDevice = deviceBefore < 0 ? -1 : PageCache.deviceBytes() - deviceBefore;
        return new Outcome(bytes, nowNs - startNs, 0, latencyNs, fromDevice);
    }
}
