package io.millrace.storage.producer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProducerStatesTest {
    private final ProducerStates states = new ProducerStates();

    private static ProducerBatch batch(long id, int epoch, int first, int last, long offset) {
        return new ProducerBatch(
                id,
                (short) epoch,
                first,
                last,
                offset,
                offset + last - first,
                1000 + offset,
                false);
    }

    private Decision send(ProducerBatch batch) {
        Decision decision = states.check(batch, null);
        if (decision instanceof Decision.Fresh) {
            states.applied(batch);
        }
        return decision;
    }

    @Test
    void aBatchSentAgainIsAnsweredWithItsOffsets() {
        send(batch(1, 0, 0, 4, 100));
        send(batch(1, 0, 5, 5, 105));

        var decision = states.check(batch(1, 0, 0, 4, 999), null);

        assertThat(decision).isEqualTo(new Decision.Repeated(batch(1, 0, 0, 4, 100)));
    }

    @Test
    void onlyTheLastFiveBatchesAreRemembered() {
        for (int i = 0; i < 6; i++) {
            send(batch(1, 0, i, i, i));
        }

        assertThat(states.check(batch(1, 0, 1, 1, 9), null)).isInstanceOf(Decision.Repeated.class);
        assertThat(states.check(batch(1, 0, 0, 0, 9), null))
                .isInstanceOf(Decision.OutOfOrder.class);
    }

    @Test
    void aGapIsRefused() {
        send(batch(1, 0, 0, 4, 0));

        assertThat(states.check(batch(1, 0, 6, 6, 5), null))
                .isInstanceOf(Decision.OutOfOrder.class);
    }

    @Test
    void anOlderEpochIsFenced() {
        send(batch(1, 3, 0, 0, 0));

        assertThat(states.check(batch(1, 2, 1, 1, 1), null)).isInstanceOf(Decision.Fenced.class);
    }

    @Test
    void aNewEpochStartsAtZero() {
        send(batch(1, 0, 0, 9, 0));

        assertThat(states.check(batch(1, 1, 10, 10, 10), null))
                .isInstanceOf(Decision.OutOfOrder.class);
        assertThat(send(batch(1, 1, 0, 0, 10))).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void anUnknownProducerMayStartAnywhere() {
        assertThat(states.check(batch(5, 2, 77, 80, 0), null)).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void sequencesGoOnFromTheLargestToZero() {
        send(batch(1, 0, Integer.MAX_VALUE - 1, Integer.MAX_VALUE, 0));

        assertThat(send(batch(1, 0, 0, 3, 2))).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void silentProducersAreForgotten() {
        send(batch(1, 0, 0, 0, 0));
        states.expire(1000 + 50, 100);
        assertThat(states.active()).hasSize(1);

        states.expire(1000 + 101, 100);

        assertThat(states.isEmpty()).isTrue();
    }

    @Test
    void aSnapshotGivesTheSameAnswers() {
        for (int i = 0; i < 7; i++) {
            send(batch(1, 0, i * 2, i * 2 + 1, i * 2L));
        }
        send(batch(2, 4, 0, 0, 50));
        var restored = new ProducerStates();

        assertThat(restored.restore(states.snapshot())).isTrue();

        assertThat(restored.active()).containsExactlyInAnyOrderElementsOf(states.active());
        assertThat(restored.check(batch(1, 0, 12, 13, 0), null))
                .isInstanceOf(Decision.Repeated.class);
        assertThat(restored.check(batch(2, 4, 1, 1, 0), null)).isInstanceOf(Decision.Fresh.class);
    }

    @Test
    void aDamagedSnapshotIsRefused() {
        send(batch(1, 0, 0, 0, 0));
        var bytes = states.snapshot();
        bytes.put(bytes.limit() - 1, (byte) ~bytes.get(bytes.limit() - 1));

        assertThat(new ProducerStates().restore(bytes)).isFalse();
    }

    @Test
    void retriesInFlightNeverDuplicateNorReorder() {
        for (int seed = 0; seed < 2000; seed++) {
            retries(seed);
        }
    }

    /**
     * A producer with five requests in flight, whose requests and answers get lost and repeated.
     */
    private static void retries(int seed) {
        var random = new Random(seed);
        var states = new ProducerStates();
        var stored = new ArrayList<Integer>();
        var inFlight = new ArrayList<ProducerBatch>();
        states.applied(batch(1, 0, 0, 0, 0));
        stored.add(0);
        int next = 1;
        for (int step = 0; step < 200; step++) {
            while (inFlight.size() < 5) {
                inFlight.add(batch(1, 0, next, next, 0));
                next++;
            }
            ProducerBatch sent = inFlight.get(random.nextInt(inFlight.size()));
            Decision decision = states.check(sent, null);
            if (decision instanceof Decision.Fresh) {
                states.applied(
                        batch(1, 0, sent.firstSequence(), sent.lastSequence(), stored.size()));
                stored.add(sent.firstSequence());
            }
            boolean acknowledged =
                    decision instanceof Decision.Fresh || decision instanceof Decision.Repeated;
            if (acknowledged && sent.equals(inFlight.getFirst()) && random.nextInt(4) > 0) {
                inFlight.removeFirst();
            }
        }
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < stored.size(); i++) {
            expected.add(i);
        }
        assertThat(stored).as("seed %d", seed).isEqualTo(expected);
    }
}
