package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.Workload;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Copies into mapped files, which are as large as all that a job may write. */
public final class MappedWrites implements WriteTarget {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment block;
    private final MemorySegment[] files;
    private final long[] dirtyFrom;
    private final long[] dirtyTo;

    /**
     * @param fileBytes size of each file
     */
    public MappedWrites(Path folder, Workload workload, long fileBytes) throws IOException {
        block = MemorySegment.ofBuffer(Blocks.filled(workload.blockBytes()));
        files = new MemorySegment[workload.files()];
        dirtyFrom = new long[files.length];
        dirtyTo = new long[files.length];
        for (int file = 0; file < files.length; file++) {
            files[file] = map(Blocks.file(folder, file), fileBytes);
            dirtyFrom[file] = Long.MAX_VALUE;
        }
    }

    private MemorySegment map(Path file, long bytes) throws IOException {
        try (var channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
        }
    }

    @Override
    public void write(int file, long at) {
        long bytes = block.byteSize();
        long from = at * bytes;
        MemorySegment.copy(block, 0, files[file], from, bytes);
        dirtyFrom[file] = Math.min(dirtyFrom[file], from);
        dirtyTo[file] = Math.max(dirtyTo[file], from + bytes);
    }

    @Override
    public void sync() {
        for (int file = 0; file < files.length; file++) {
            if (dirtyTo[file] > dirtyFrom[file]) {
                files[file].asSlice(dirtyFrom[file], dirtyTo[file] - dirtyFrom[file]).force();
            }
            dirtyFrom[file] = Long.MAX_VALUE;
            dirtyTo[file] = 0;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
