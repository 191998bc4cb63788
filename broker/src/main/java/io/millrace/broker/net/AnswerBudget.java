package io.millrace.broker.net;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of answers that clients have not taken yet, over all connections. Past the limit the
 * connection that holds most for longest is closed, and so on until the rest fits: one that does
 * not read may not have others lose theirs for want of memory. Who has taken something within the
 * last second is spared up to twice the limit: many clients may ask for much at once, as when a
 * broker has come back. Thread-safe.
 */
public final class AnswerBudget {
    static final int SPARED_MS = 1000;

    private final long mostBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final Set<Account> holding = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean choosing = new AtomicBoolean();

    /**
     * @param mostBytes that all connections but one may hold; one alone may hold more, as an answer
     *     can be that large
     */
    public AnswerBudget(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** A budget that is never used up. */
    public static AnswerBudget unlimited() {
        return new AnswerBudget(Long.MAX_VALUE);
    }

    /** Bytes held now. */
    public long usedBytes() {
        return usedBytes.get();
    }

    /**
     * The account of a new connection.
     *
     * @param close has the connection closed, and its account set to 0, for the reason given; run
     *     on any thread, must not block
     */
    public Account open(Consumer<String> close) {
        return new Account(close);
    }

    /** What one connection holds. Set on its event loop. */
    public final class Account {
        private final Consumer<String> close;
        private volatile long bytes;
        private volatile long sinceMs;
        private volatile boolean closing;

        private Account(Consumer<String> close) {
            this.close = close;
        }

        /** What it held last. */
        public long bytes() {
            return bytes;
        }

        /**
         * Says what the connection holds now. Cheap, but for what goes past the limit.
         *
         * @param nowMs milliseconds since the epoch; whoever has taken something waits from here on
         */
        public void set(long now, long nowMs) {
            long before = bytes;
            if (now == before) {
                return;
            }
            bytes = now;
            if (now < before || before == 0) {
                sinceMs = nowMs;
            }
            if (before == 0) {
                holding.add(this);
            } else if (now == 0) {
                holding.remove(this);
            }
            if (usedBytes.addAndGet(now - before) > mostBytes && now > before) {
                closeWorst(nowMs);
            }
        }

        private long waitedMs(long nowMs) {
            return Math.max(0, nowMs - sinceMs);
        }

        private double weight(long nowMs) {
            return (double) bytes * (SPARED_MS + waitedMs(nowMs));
        }
    }

    private void closeWorst(long nowMs) {
        if (!choosing.compareAndSet(false, true)) {
            return;
        }
        try {
            for (Account worst = worst(nowMs); worst != null; worst = worst(nowMs)) {
                worst.closing = true;
                worst.close.accept(
                        "%d bytes of answers that it does not read, of %d that all do not"
                                .formatted(worst.bytes, usedBytes.get()));
            }
        } finally {
            choosing.set(false);
        }
    }

    /** Whose connection is to be closed next; null if nobody's, or it is the only one. */
    private @Nullable Account worst(long nowMs) {
        long staying = 0;
        int count = 0;
        Account worst = null;
        for (Account each : holding) {
            if (!each.closing) {
                staying += each.bytes;
                count++;
                worst = worst == null || each.weight(nowMs) > worst.weight(nowMs) ? each : worst;
            }
        }
        if (worst == null || staying <= mostBytes || count == 1) {
            return null;
        }
        boolean spared = worst.waitedMs(nowMs) < SPARED_MS && staying / 2 <= mostBytes;
        return spared ? null : worst;
    }
}
