package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.Workload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes to files: one call a block, or one gathering call for its parts; through the page cache or
 * past it.
 */
public final class FileWrites implements WriteTarget {
    private static final int PARTS = 16;

    private final FileChannel[] channels;
    private final BitSet dirty = new BitSet();
    private final ByteBuffer block;
    private final ByteBuffer[] parts;

    private FileWrites(FileChannel[] channels, ByteBuffer block, ByteBuffer[] parts) {
        this.channels = channels;
        this.block = block;
        this.parts = parts;
    }

    public static FileWrites plain(Path folder, Workload workload) throws IOException {
        return new FileWrites(
                open(folder, workload.files(), Set.of()),
                Blocks.filled(workload.blockBytes()),
                new ByteBuffer[0]);
    }

    public static FileWrites direct(Path folder, Workload workload) throws IOException {
        return new FileWrites(
                open(folder, workload.files(), Set.of(Blocks.direct())),
                Blocks.filled(workload.blockBytes()),
                new ByteBuffer[0]);
    }

    /** Only for blocks that follow each other. */
    public static FileWrites gathering(Path folder, Workload workload) throws IOException {
        ByteBuffer block = Blocks.filled(workload.blockBytes());
        var parts = new ByteBuffer[PARTS];
        int partBytes = workload.blockBytes() / PARTS;
        for (int part = 0; part < PARTS; part++) {
            parts[part] = block.slice(part * partBytes, partBytes);
        }
        return new FileWrites(open(folder, workload.files(), Set.of()), block, parts);
    }

    private static FileChannel[] open(Path folder, int files, Set<? extends OpenOption> more)
            throws IOException {
        Set<OpenOption> options =
                new HashSet<>(EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        options.addAll(more);
        var channels = new FileChannel[files];
        for (int file = 0; file < files; file++) {
            channels[file] = FileChannel.open(Blocks.file(folder, file), options);
        }
        return channels;
    }

    @Override
    public void write(int file, long at) throws IOException {
        dirty.set(file);
        if (parts.length > 0) {
            gather(channels[file]);
        } else {
            Blocks.writeFully(channels[file], block.rewind(), at * block.limit());
        }
    }

    private void gather(FileChannel channel) throws IOException {
        for (ByteBuffer part : parts) {
            part.rewind();
        }
        while (parts[PARTS - 1].hasRemaining()) {
            channel.write(parts);
        }
    }

    @Override
    public void sync() throws IOException {
        for (int file = dirty.nextSetBit(0); file >= 0; file = dirty.nextSetBit(file + 1)) {
            channels[file].force(false);
        }
        dirty.clear();
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : List.of(channels)) {
            channel.close();
        }
    }
}
