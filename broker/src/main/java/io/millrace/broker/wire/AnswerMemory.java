package io.millrace.broker.wire;

import java.nio.ByteBuffer;

/**
 * Where answers of another broker are put: it grows with the bytes that have come. Used by the
 * event loop of the connection, and by the asker between an answer and its next request.
 */
public final class AnswerMemory {
    private static final int LEAST_BYTES = 64 * 1024;
    private static final int SMALL_ANSWERS = 64;

    private final boolean kept;
    private ByteBuffer memory = ByteBuffer.allocate(0);
    private int smallInARow;

    private AnswerMemory(boolean kept) {
        this.kept = kept;
    }

    /** For one answer, which keeps it: on the heap. */
    static AnswerMemory once() {
        return new AnswerMemory(false);
    }

    /**
     * For one answer after another, each of which holds until the asker sends its next request.
     * Outside the heap, so that records go from there to a file without a copy; kept from one large
     * answer to the next, and given up after a row of small ones.
     */
    public static AnswerMemory kept() {
        return new AnswerMemory(true);
    }

    /** Room for an answer, as far as there is any. */
    ByteBuffer begin(int answerBytes) {
        if (!kept) {
            memory = ByteBuffer.allocate(Math.min(answerBytes, LEAST_BYTES));
            return memory;
        }
        smallInARow = answerBytes <= LEAST_BYTES ? smallInARow + 1 : 0;
        boolean tooLarge = memory.capacity() > LEAST_BYTES && smallInARow > SMALL_ANSWERS;
        if (memory.capacity() == 0 || tooLarge) {
            memory = ByteBuffer.allocateDirect(LEAST_BYTES);
        }
        return memory.clear();
    }

    /** Room for more of an answer, of which as much has come as there is room for. */
    ByteBuffer grow(int answerBytes) {
        int larger = (int) Math.min(answerBytes, 2L * memory.capacity());
        ByteBuffer grown = kept ? ByteBuffer.allocateDirect(larger) : ByteBuffer.allocate(larger);
        memory = grown.put(memory.flip());
        return memory;
    }
}
