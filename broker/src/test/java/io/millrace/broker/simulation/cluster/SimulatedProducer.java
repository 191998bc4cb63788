package io.millrace.broker.simulation.cluster;

import io.millrace.broker.loop.TransactionEnding;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.producer.TransactionEnd;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An idempotent producer that retries, with or without transactions, and the coordinator of these:
 * which of them is open, and how they ended, is never lost. Each transaction has its own epoch.
 */
final class SimulatedProducer {
    private static final long PATIENCE_MS = 1_500;
    private static final int COORDINATOR_EPOCH = 1;

    private final long id;
    private final boolean transactional;
    private final SimulatedCluster cluster;

    /** By value, the transaction that it was written in. */
    private final Map<Long, Transaction> written = new HashMap<>();

    private Transaction transaction = new Transaction();
    private short epoch;
    private int sequence;
    private int left;
    private long value;
    private long number;
    private boolean waits;
    private long sentMs;

    private static final class Transaction {
        Phase phase = Phase.NONE;
    }

    private enum Phase {
        NONE,
        OPEN,
        COMMITTED,
        ABORTED
    }

    /** What came of a request. */
    enum Reply {
        DONE,
        REFUSED,
        AGAIN
    }

    SimulatedProducer(long id, boolean transactional, SimulatedCluster cluster) {
        this.id = id;
        this.transactional = transactional;
        this.cluster = cluster;
    }

    /** Whether a transaction may begin in a partition, as its coordinator would say. */
    boolean isOpen(short inEpoch) {
        return epoch == inEpoch && transaction.phase == Phase.OPEN;
    }

    /** Whether a reader of what is committed may see a value. */
    boolean maySee(long seen) {
        return !transactional || Objects.requireNonNull(written.get(seen)).phase == Phase.COMMITTED;
    }

    boolean wrote(long seen) {
        return written.containsKey(seen);
    }

    /** Whether nothing is under way, or open. */
    boolean isDone() {
        return !waits && (!transactional || transaction.phase == Phase.NONE);
    }

    /** Goes on: sends what is due, or again what was not answered. */
    void tick(boolean quiet) {
        if (waits) {
            if (cluster.events.nowMs() - sentMs > PATIENCE_MS) {
                giveUpOrSendAgain();
            }
            return;
        }
        if (!transactional) {
            if (!quiet) {
                write();
            }
            return;
        }
        switch (transaction.phase) {
            case NONE -> {
                if (!quiet) {
                    begin();
                }
            }
            case OPEN -> {
                if (left > 0) {
                    left--;
                    write();
                } else {
                    end(cluster.events.random.nextInt(3) > 0);
                }
            }
            default -> sendEnd();
        }
    }

    private void begin() {
        transaction = new Transaction();
        transaction.phase = Phase.OPEN;
        left = 1 + cluster.events.random.nextInt(4);
    }

    private void write() {
        value = cluster.nextValue();
        written.put(value, transaction);
        sendWrite();
    }

    private void end(boolean commits) {
        transaction.phase = commits ? Phase.COMMITTED : Phase.ABORTED;
        sendEnd();
    }

    private void giveUpOrSendAgain() {
        if (transactional && transaction.phase != Phase.OPEN) {
            sendEnd();
        } else if (transactional && cluster.events.random.nextInt(3) == 0) {
            end(false);
        } else {
            sendWrite();
        }
    }

    private long send() {
        waits = true;
        sentMs = cluster.events.nowMs();
        return ++number;
    }

    private void sendWrite() {
        long sent = send();
        byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(value).array();
        var builder =
                new BatchBuilder()
                        .producer(id, epoch, sequence)
                        .add(cluster.events.nowMs(), null, bytes);
        if (transactional) {
            builder.transactional();
        }
        ByteBuffer batch = builder.build();
        short inEpoch = epoch;
        long of = value;
        cluster.<Reply>toLeader(
                (node, reply) -> node.produce(this, inEpoch, batch, of, reply),
                reply -> {
                    if (waits && sent == number) {
                        wrote(reply);
                    }
                });
    }

    private void wrote(Reply reply) {
        // What is refused is sent again when its time is over.
        if (reply == Reply.DONE) {
            waits = false;
            sequence++;
        }
    }

    private void sendEnd() {
        long sent = send();
        boolean commits = transaction.phase == Phase.COMMITTED;
        short next = (short) (epoch + 1);
        var end = new TransactionEnd(id, next, COORDINATOR_EPOCH, commits, true);
        cluster.<Reply>toLeader(
                (node, reply) -> node.end(end, reply),
                reply -> {
                    if (waits && sent == number && reply == Reply.DONE) {
                        waits = false;
                        epoch = next;
                        sequence = 0;
                        transaction = new Transaction();
                    }
                });
    }

    static Reply replyOf(TransactionEnding ending) {
        return ending == TransactionEnding.ENDED ? Reply.DONE : Reply.AGAIN;
    }

    @Override
    public String toString() {
        return "producer %d: epoch %d, sequence %d, %s, waits %s"
                .formatted(id, epoch, sequence, transaction.phase, waits);
    }
}
