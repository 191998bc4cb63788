package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.Workload;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LargeRollCycles;

/** Appends messages to Chronicle queues. */
public final class QueueWrites implements WriteTarget {
    private static final int BLOCK_BYTES = 64 << 20;

    private final List<SingleChronicleQueue> queues = new ArrayList<>();
    private final List<ExcerptAppender> appenders = new ArrayList<>();
    private final BitSet dirty = new BitSet();
    private final Bytes<ByteBuffer> message;

    public QueueWrites(Path folder, Workload workload) {
        for (int file = 0; file < workload.files(); file++) {
            SingleChronicleQueue queue = open(folder.resolve("queue-" + file));
            queues.add(queue);
            appenders.add(queue.createAppender());
        }
        message = Bytes.elasticByteBuffer(workload.blockBytes());
        message.write(bytesOf(Blocks.filled(workload.blockBytes())));
    }

    /** A queue whose appenders sync when they are asked to. */
    public static SingleChronicleQueue open(Path folder) {
        return SingleChronicleQueueBuilder.binary(folder)
                .rollCycle(LargeRollCycles.LARGE_DAILY)
                .blockSize(BLOCK_BYTES)
                .syncMode(SyncMode.SYNC)
                .build();
    }

    private static byte[] bytesOf(ByteBuffer block) {
        byte[] bytes = new byte[block.remaining()];
        block.get(bytes);
        return bytes;
    }

    @Override
    public void write(int file, long block) {
        dirty.set(file);
        message.readPosition(0);
        appenders.get(file).writeBytes(message);
    }

    @Override
    public void sync() {
        for (int file = dirty.nextSetBit(0); file >= 0; file = dirty.nextSetBit(file + 1)) {
            appenders.get(file).sync();
        }
        dirty.clear();
    }

    @Override
    public void close() {
        appenders.forEach(ExcerptAppender::close);
        queues.forEach(SingleChronicleQueue::close);
        message.releaseLast();
    }
}
