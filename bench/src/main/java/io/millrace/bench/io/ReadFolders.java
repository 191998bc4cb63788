package io.millrace.bench.io;

import io.millrace.bench.io.plan.Extent;
import io.millrace.bench.io.plan.IoPlan;
import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.SyncPolicy;
import io.millrace.bench.io.plan.Workload;
import io.millrace.bench.io.store.Blocks;
import io.millrace.bench.io.store.LogReads;
import io.millrace.bench.io.store.QueueWrites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders of what is read, made when first wanted and kept for the run. */
final class ReadFolders {
    private final Path base;
    private final Extent extent;

    ReadFolders(Path base, Extent extent) {
        this.base = base;
        this.extent = extent;
    }

    /** The folder with what a subject reads. */
    Path of(Subject subject, int files) throws IOException {
        String kind = subject.isPlain() ? "files" : subject.name();
        Path folder = base.resolve("read-" + kind + "-" + files);
        if (Files.notExists(folder)) {
            Files.createDirectories(folder);
            make(folder, subject, files);
        }
        return folder;
    }

    /** Bytes of each of so many files. */
    long bytesEach(int files) {
        return extent.readBytes() / files;
    }

    private void make(Path folder, Subject subject, int files) throws IOException {
        switch (subject) {
            case MILLRACE -> LogReads.fill(folder, files, bytesEach(files));
            case CHRONICLE -> makeQueue(folder);
            default -> {
                for (int number = 0; number < files; number++) {
                    Blocks.makeData(Blocks.file(folder, number), bytesEach(files));
                }
            }
        }
    }

    private void makeQueue(Path folder) throws IOException {
        var workload = Workload.Writes.sequential(IoPlan.RECORD_BLOCK, SyncPolicy.NEVER);
        try (var queue = new QueueWrites(folder, workload)) {
            for (long done = 0; done < extent.readBytes(); done += IoPlan.RECORD_BLOCK) {
                queue.write(0, 0);
            }
            queue.sync();
        }
    }
}
