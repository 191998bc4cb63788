package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.Subject;
import io.millrace.bench.io.plan.Workload;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Reads files through the page cache, past it, or by copying from mappings. */
public final class FileReads implements ReadTarget {
    private final List<FileChannel> channels = new ArrayList<>();
    private final List<MemorySegment> mappings = new ArrayList<>();
    private final Arena arena = Arena.ofConfined();
    private final ByteBuffer block;
    private final MemorySegment target;

    public FileReads(Path folder, Workload.Reads workload, Subject how) throws IOException {
        block = Blocks.aligned(workload.blockBytes());
        target = MemorySegment.ofBuffer(block.duplicate());
        for (int number = 0; number < workload.files(); number++) {
            FileChannel channel = open(Blocks.file(folder, number), how);
            channels.add(channel);
            if (how == Subject.MAPPED) {
                mappings.add(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            }
        }
    }

    private static FileChannel open(Path file, Subject how) throws IOException {
        OpenOption[] options =
                how == Subject.DIRECT
                        ? new OpenOption[] {StandardOpenOption.READ, Blocks.direct()}
                        : new OpenOption[] {StandardOpenOption.READ};
        return FileChannel.open(file, options);
    }

    @Override
    public int read(int file, long at) throws IOException {
        int bytes = block.limit();
        if (!mappings.isEmpty()) {
            MemorySegment.copy(mappings.get(file), at * bytes, target, 0, bytes);
            return bytes;
        }
        long position = at * bytes;
        block.position(0);
        while (block.hasRemaining()) {
            if (channels.get(file).read(block, position + block.position()) < 0) {
                throw new EOFException("file %d ends before %d".formatted(file, position));
            }
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        arena.close();
        for (FileChannel channel : channels) {
            channel.close();
        }
    }
}
