package io.millrace.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/**
 * One producer's connection: what it has sent and waits for, what it has still to write. Not
 * blocking; on the load's thread.
 */
final class ProducerLink {
    /** Where an answer (v9 and later: flexible) has its partition's error code. */
    private static final int ERROR_AT = 27;

    private static final int ANSWER_BYTES = 16 * 1024;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final boolean answered;
    private final ArrayDeque<Long> awaited = new ArrayDeque<>();
    private final ByteBuffer answers = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private final ByteBuffer unwritten;
    private final long producerId;
    private final int[] sequences;
    private int correlationId;
    private int nextPartition;

    /** Told of each answer. */
    @FunctionalInterface
    interface Listener {
        void answered(long intendedNs, short error);
    }

    ProducerLink(
            SocketChannel channel, SelectionKey key, long producerId, ProduceLoad load, int first) {
        this.channel = channel;
        this.key = key;
        this.producerId = producerId;
        answered = load.acks() != 0;
        sequences = new int[load.target().partitions()];
        nextPartition = first % sequences.length;
        unwritten = ByteBuffer.allocateDirect(load.frameBytes() * 2);
        unwritten.limit(0);
    }

    /** How many requests are under way. */
    int inFlight() {
        return awaited.size();
    }

    /** Whether the socket has taken all that was given to it. */
    boolean isDrained() {
        return !unwritten.hasRemaining();
    }

    /** Sends the next request; only when drained. */
    void send(ProduceTemplate[] templates, int recordsPerBatch, long intendedNs)
            throws IOException {
        int partition = nextPartition;
        nextPartition = (nextPartition + 1) % sequences.length;
        ByteBuffer frame =
                templates[partition].next(correlationId++, producerId, sequences[partition]);
        sequences[partition] += recordsPerBatch;
        if (answered) {
            awaited.add(intendedNs);
        }
        channel.write(frame);
        if (frame.hasRemaining()) {
            unwritten.clear().put(frame).flip();
            key.interestOpsOr(SelectionKey.OP_WRITE);
        }
    }

    void writable() throws IOException {
        channel.write(unwritten);
        if (isDrained()) {
            key.interestOpsAnd(~SelectionKey.OP_WRITE);
        }
    }

    void readable(Listener listener) throws IOException {
        if (channel.read(answers) < 0) {
            throw new EOFException("the broker closed a producer's connection");
        }
        answers.flip();
        while (answers.remaining() >= Integer.BYTES
                && answers.remaining() >= Integer.BYTES + answers.getInt(answers.position())) {
            int length = answers.getInt();
            short error = answers.getShort(answers.position() + ERROR_AT);
            answers.position(answers.position() + length);
            listener.answered(awaited.remove(), error);
        }
        answers.compact();
    }

    void close() throws IOException {
        channel.close();
    }
}
