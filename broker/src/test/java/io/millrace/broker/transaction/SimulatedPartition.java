package io.millrace.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Admissions;
import io.millrace.storage.producer.Decision;
import io.millrace.storage.producer.EndDecision;
import io.millrace.storage.producer.ProducerBatch;
import io.millrace.storage.producer.ProducerStates;
import io.millrace.storage.producer.TransactionEnd;
import io.millrace.storage.producer.Verification;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A partition's log in memory, by storage's own rules for producers; a crash cuts its tail. */
final class SimulatedPartition {
    final Participant name;
    final List<Entry> entries = new ArrayList<>();
    ProducerStates states = new ProducerStates();
    Admissions admissions = new Admissions();
    int durable;
    private long lastStable;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    private record Waiting(int end, Runnable then) {}

    /** A batch of one record, or a marker. */
    record Entry(ProducerBatch batch, @Nullable String tag, @Nullable TransactionEnd end) {}

    SimulatedPartition(Participant name) {
        this.name = name;
    }

    ProducerBatch batch(ProducerIdentity producer, int sequence) {
        return new ProducerBatch(
                producer.id(),
                producer.epoch(),
                sequence,
                sequence,
                entries.size(),
                entries.size(),
                0,
                true);
    }

    Decision append(ProducerBatch asked, @Nullable Verification verification, String tag) {
        ProducerBatch batch =
                batch(
                        new ProducerIdentity(asked.producerId(), asked.epoch()),
                        asked.firstSequence());
        Decision decision = states.check(batch, verification);
        if (decision instanceof Decision.Fresh) {
            entries.add(new Entry(batch, tag, null));
            states.applied(batch);
        }
        return decision;
    }

    EndDecision end(TransactionEnd end, long nowMs) {
        EndDecision decision = states.decide(end, nowMs);
        if (decision == EndDecision.WRITE) {
            ProducerBatch at = batch(new ProducerIdentity(end.producerId(), end.epoch()), -1);
            states.ended(end, entries.size(), nowMs);
            entries.add(new Entry(at, null, end));
        }
        return decision;
    }

    void whenDurable(Runnable then) {
        waiting.add(new Waiting(entries.size(), then));
    }

    void flush() {
        durable = entries.size();
        while (!waiting.isEmpty() && waiting.peek().end() <= durable) {
            waiting.remove().then().run();
        }
    }

    boolean isFlushed() {
        return waiting.isEmpty();
    }

    /** What is not durable is lost, and nobody is told of it. */
    void crash() {
        waiting.clear();
        while (entries.size() > durable) {
            entries.removeLast();
        }
        states = new ProducerStates();
        admissions = new Admissions();
        for (Entry entry : entries) {
            if (entry.end() == null) {
                states.applied(entry.batch());
            } else {
                states.ended(entry.end(), entry.batch().firstOffset(), 0);
            }
        }
    }

    long lastStableOffset() {
        return states.firstUnstableOffset(durable);
    }

    /** Where the first transaction begins that the log, as far as it is durable, has not ended. */
    private long firstOpen() {
        Map<Long, Long> open = new HashMap<>();
        for (int i = 0; i < durable; i++) {
            Entry entry = entries.get(i);
            if (entry.end() == null) {
                open.putIfAbsent(entry.batch().producerId(), (long) i);
            } else {
                open.remove(entry.batch().producerId());
            }
        }
        return open.values().stream().mapToLong(Long::longValue).min().orElse(durable);
    }

    /**
     * Checks what must always hold here.
     *
     * @return how each tag that has been decided here was decided
     */
    Map<String, Boolean> check() {
        long stable = lastStableOffset();
        assertThat(stable).as("%s: last stable offset", name).isLessThanOrEqualTo(firstOpen());
        assertThat(stable).as("%s: last stable offset", name).isGreaterThanOrEqualTo(lastStable);
        lastStable = stable;
        Map<String, Boolean> decided = new HashMap<>();
        Map<Long, List<Entry>> open = new HashMap<>();
        Map<ProducerIdentity, Integer> sequences = new HashMap<>();
        for (int i = 0; i < durable; i++) {
            Entry entry = entries.get(i);
            long producer = entry.batch().producerId();
            if (entry.end() == null) {
                open.computeIfAbsent(producer, id -> new ArrayList<>()).add(entry);
                var session = new ProducerIdentity(producer, entry.batch().epoch());
                int sequence = sequences.merge(session, 1, Integer::sum) - 1;
                assertThat(entry.batch().firstSequence())
                        .as("%s: a batch of %s was overtaken", name, session)
                        .isEqualTo(sequence);
                continue;
            }
            List<Entry> together = open.getOrDefault(producer, List.of());
            assertThat(together.stream().map(Entry::tag).distinct().count())
                    .as("%s: transactions that one marker ended: %s", name, together)
                    .isLessThanOrEqualTo(1);
            for (Entry ended : together) {
                @Nullable Boolean before =
                        decided.put(String.valueOf(ended.tag()), entry.end().commit());
                assertThat(before == null || before == entry.end().commit())
                        .as("%s: %s is torn", name, ended.tag())
                        .isTrue();
            }
            open.remove(producer);
        }
        return decided;
    }

    /** Records of a tag that readers of committed records see. */
    long visible(String tag, Map<String, Boolean> decided) {
        return Boolean.TRUE.equals(decided.get(tag))
                ? entries.stream().filter(entry -> tag.equals(entry.tag())).count()
                : 0;
    }

    boolean hasOpen() {
        return states.firstUnstableOffset(entries.size()) < entries.size();
    }
}
