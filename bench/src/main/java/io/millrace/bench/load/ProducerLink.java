package io.millrace.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import org.apache.kafka.common.requests.ApiVersionsRequest;

/**
 * One producer's connection: what it has sent and waits for, what it has still to write. Not
 * blocking; on the load's thread.
 */
final class ProducerLink {
    /** Where an answer (v9 and later: flexible) has its partition's error code. */
    private static final int ERROR_AT = 27;

    /** Stands among the awaited for what is no produce request. */
    private static final long BARRIER = Long.MIN_VALUE;

    private static final int ANSWER_BYTES = 16 * 1024;

    private final SocketChannel channel;
    private final SelectionKey key;
    private final ProduceLoad load;
    private final ArrayDeque<Long> awaited = new ArrayDeque<>();
    private final ByteBuffer answers = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private final ByteBuffer unwritten;
    private final long producerId;
    private final List<Integer> partitions;
    private final int[] sequences;
    private int correlationId;
    private int next;

    /** Told of each answer. */
    @FunctionalInterface
    interface Listener {
        void answered(long intendedNs, short error);
    }

    /**
     * @param partitions that the broker leads
     * @param first which of them comes first, counted round and round
     */
    ProducerLink(
            SocketChannel channel,
            SelectionKey key,
            long producerId,
            ProduceLoad load,
            List<Integer> partitions,
            int first) {
        this.channel = channel;
        this.key = key;
        this.producerId = producerId;
        this.load = load;
        sequences = new int[load.target().partitions()];
        this.partitions = partitions;
        next = first % partitions.size();
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
    void send(ProduceTemplate[] templates, long intendedNs) throws IOException {
        int partition = partitions.get(next);
        next = (next + 1) % partitions.size();
        if (load.stamped()) {
            templates[partition].stamp(Stamps.of(intendedNs));
        }
        ByteBuffer frame =
                templates[partition].next(correlationId++, producerId, sequences[partition]);
        sequences[partition] += load.payload().records();
        if (load.acks() != 0) {
            awaited.add(intendedNs);
        }
        write(frame);
    }

    /** Asks something that is answered when all before it has been taken; only when drained. */
    void ask() throws IOException {
        awaited.add(BARRIER);
        write(
                BrokerConnection.frame(
                        new ApiVersionsRequest.Builder().build((short) 0), correlationId++));
    }

    private void write(ByteBuffer frame) throws IOException {
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
            long intendedNs = awaited.remove();
            if (intendedNs != BARRIER) {
                listener.answered(intendedNs, answers.getShort(answers.position() + ERROR_AT));
            }
            answers.position(answers.position() + length);
        }
        answers.compact();
    }

    void close() throws IOException {
        channel.close();
    }
}
