package io.millrace.broker.wire;

import io.millrace.storage.LogSlice;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/** A slice of a segment on its way to a socket by sendfile. Releases the slice, not the file. */
final class SliceRegion extends DefaultFileRegion {
    private final LogSlice slice;

    SliceRegion(FileChannel channel, LogSlice slice, int sizeBytes) {
        super(channel, slice.position(), sizeBytes);
        this.slice = slice;
    }

    @Override
    protected void deallocate() {
        slice.release();
    }
}
