package io.millrace.bench.io.store;

import io.millrace.bench.io.plan.IoPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;

/** Reads a Chronicle queue message by message, from its start. */
public final class QueueReads implements ReadTarget {
    private final SingleChronicleQueue queue;
    private final ExcerptTailer tailer;
    private final Bytes<ByteBuffer> message = Bytes.elasticByteBuffer(IoPlan.RECORD_BLOCK);

    public QueueReads(Path folder) {
        queue = QueueWrites.open(folder.resolve("queue-0"));
        tailer = queue.createTailer();
    }

    @Override
    public int read(int file, long at) throws IOException {
        if (at == 0) {
            tailer.toStart();
        }
        message.clear();
        if (!tailer.readBytes(message)) {
            throw new IOException("the queue has no message " + at);
        }
        return (int) message.readRemaining();
    }

    @Override
    public void close() {
        tailer.close();
        queue.close();
        message.releaseLast();
    }
}
