package io.millrace.cluster.quorum.raft;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.raft.RaftMessage;
import org.apache.kafka.raft.RaftMessageQueue;

/** Messages for a client of the quorum: never waits, and remembers how long it would have. */
final class SteppedQueue implements RaftMessageQueue {
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private final Runnable work;
    private long waitMs;

    private record Entry(RaftMessage message, CompletableFuture<RaftMessage> future)
            implements QueueEntry {}

    /**
     * @param work called when there is something to do
     */
    SteppedQueue(Runnable work) {
        this.work = work;
    }

    /** How long the last look for a message could have waited; 0 if there was one. */
    long waitMs() {
        return waitMs;
    }

    @Override
    public Optional<QueueEntry> poll(long timeoutMs) {
        Entry next = waiting.poll();
        waitMs = next == null ? timeoutMs : 0;
        return Optional.ofNullable(next);
    }

    @Override
    public CompletionStage<RaftMessage> add(RaftMessage message) {
        var entry = new Entry(message, new CompletableFuture<>());
        waiting.add(entry);
        work.run();
        return entry.future();
    }

    @Override
    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    @Override
    public void wakeup() {
        work.run();
    }
}
