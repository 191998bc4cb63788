package io.millrace.bench.lab.fault;

import io.millrace.bench.lab.fault.FaultyNetwork.Mode;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * One connection through the {@link FaultyNetwork}. Answers come in the order of their requests, so
 * a queue tells which answer belongs to a repeated request, and is kept back.
 */
final class Link {
    private static final int LARGEST_FRAME = 64 << 20;

    private final Socket client;
    private final Socket broker;
    private final Supplier<Mode> mode;
    private final Queue<Answer> awaited = new ConcurrentLinkedQueue<>();
    private volatile Runnable closed = () -> {};

    private enum Answer {
        TO_PRODUCE,
        TO_REPEATED,
        OTHER
    }

    Link(Socket client, Socket broker, Supplier<Mode> mode) {
        this.client = client;
        this.broker = broker;
        this.mode = mode;
    }

    void whenClosed(Runnable then) {
        closed = then;
    }

    void start() {
        Thread.ofVirtual().name("requests").start(() -> pump(this::passRequest, client, broker));
        Thread.ofVirtual().name("answers").start(() -> pump(this::passAnswer, broker, client));
    }

    /** Passes one frame on. */
    @FunctionalInterface
    private interface Passage {
        void pass(byte[] frame, OutputStream to) throws IOException;
    }

    private void pump(Passage passage, Socket from, Socket to) {
        try {
            var in = new DataInputStream(new BufferedInputStream(from.getInputStream(), 1 << 16));
            OutputStream out = to.getOutputStream();
            while (true) {
                int length = in.readInt();
                if (length <= 0 || length > LARGEST_FRAME) {
                    throw new IOException("a frame of " + length + " bytes");
                }
                byte[] frame = new byte[Integer.BYTES + length];
                ByteBuffer.wrap(frame).putInt(length);
                in.readFully(frame, Integer.BYTES, length);
                passage.pass(frame, out);
            }
        } catch (IOException e) {
            // One side is gone, or the network is cut: then so is the other.
            close();
        }
    }

    private void passRequest(byte[] frame, OutputStream to) throws IOException {
        var request = ProduceFrame.of(frame);
        if (!request.isProduce()) {
            awaited.add(Answer.OTHER);
            to.write(frame);
        } else if (!request.isAnswered()) {
            to.write(frame);
        } else {
            awaited.add(Answer.TO_PRODUCE);
            to.write(frame);
            if (mode.get() == Mode.REPEATS) {
                awaited.add(Answer.TO_REPEATED);
                to.write(frame);
            }
        }
    }

    private void passAnswer(byte[] frame, OutputStream to) throws IOException {
        Answer answer = awaited.remove();
        if (answer == Answer.TO_PRODUCE && mode.get() == Mode.LOSES_ANSWERS) {
            throw new IOException("the answer is lost");
        }
        if (answer != Answer.TO_REPEATED) {
            to.write(frame);
        }
    }

    void close() {
        closed.run();
        close(client);
        close(broker);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket that cannot be closed", e);
        }
    }
}
