package io.millrace.broker.wire.keyed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.broker.wire.keyed.KeyedArray.Table;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashCollection;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashMultiCollection;
import org.junit.jupiter.api.Test;

final class KeyCostTest {
    private static final int PREALLOCATED = 1000;
    private static final Table[] FILLED = {Table.READ, Table.ANSWERED, Table.GROWN};

    private static int[] hashes(int count, IntUnaryOperator hash) {
        return IntStream.range(0, count).map(hash).toArray();
    }

    private static long slots(Table table, int[] hashes) {
        var cost = new KeyCost(KeyCost.MOST_SLOTS);
        cost.array(KeyedArray.array("a").into(table), hashes, hashes.length);
        return cost.slots();
    }

    private static void assertRefused(Table table, int[] hashes) {
        assertThatThrownBy(() -> slots(table, hashes)).isInstanceOf(InvalidRequestException.class);
    }

    /** Counts how often it is asked for its hash: whenever it is seated. */
    private static final class Counted implements ImplicitLinkedHashCollection.Element {
        private final int hash;
        private final long[] seated;
        private int prev = ImplicitLinkedHashCollection.INVALID_INDEX;
        private int next = ImplicitLinkedHashCollection.INVALID_INDEX;

        Counted(int hash, long[] seated) {
            this.hash = hash;
            this.seated = seated;
        }

        @Override
        public int hashCode() {
            seated[0]++;
            return hash;
        }

        @Override
        public int prev() {
            return prev;
        }

        @Override
        public void setPrev(int slot) {
            prev = slot;
        }

        @Override
        public int next() {
            return next;
        }

        @Override
        public void setNext(int slot) {
            next = slot;
        }
    }

    /** How often Kafka's collection seats an element. */
    private static long seated(Table table, int[] hashes) {
        int expected =
                switch (table) {
                    case READ -> Math.min(hashes.length, PREALLOCATED);
                    case ANSWERED -> hashes.length + 1;
                    default -> 0;
                };
        var collection = new ImplicitLinkedHashMultiCollection<Counted>(expected);
        long[] seated = {0};
        for (int hash : hashes) {
            collection.add(new Counted(hash, seated));
        }
        assertThat(collection).hasSize(hashes.length);
        return seated[0];
    }

    @Test
    void numbersInSequenceCostWhatTheyCostInKafkasCollections() {
        for (int count : new int[] {1, 2, 5, 20, 999, 1000, 5000, 10_000}) {
            for (Table table : FILLED) {
                int[] numbers = hashes(count, i -> i);

                long seated = seated(table, numbers);

                // It is seated after one look, and passed once more before: two looks.
                assertThat(slots(table, numbers)).isBetween(seated, 2 * seated);
            }
        }
    }

    @Test
    void noHashesCostLessThanTheyDoInKafkasCollections() {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            int count = 1 + random.nextInt(3000);
            int spread = 1 + random.nextInt(2 * count);
            int[] hashes = hashes(count, i -> random.nextInt(spread) * 7);
            for (Table table : FILLED) {
                var cost = new KeyCost(KeyCost.MOST_SLOTS);
                try {
                    cost.array(KeyedArray.array("a").into(table), hashes, count);
                    assertThat(cost.slots())
                            .as("seed %d", seed)
                            .isGreaterThanOrEqualTo(seated(table, hashes));
                } catch (InvalidRequestException e) {
                    assertThat(cost.slots()).isGreaterThan(KeyCost.MOST_SLOTS);
                }
            }
        }
    }

    @Test
    void namesAsTheyAreMadeAreRead() {
        int count = 5000;
        var random = new Random(1);
        List<IntFunction<String>> patterns =
                List.of(
                        i -> "topic-" + i,
                        i -> "%06d".formatted(i),
                        i -> "tenant-%05d.orders.v1".formatted(i),
                        i -> "a.%d.b.%d".formatted(i / 300, i % 300),
                        i -> "T_%X_%s".formatted(i, i % 2 == 0 ? "in" : "out"),
                        i -> new UUID(random.nextLong(), random.nextLong()).toString(),
                        i -> "x".repeat(i % 200) + i);
        for (IntFunction<String> pattern : patterns) {
            IntUnaryOperator names = i -> pattern.apply(i).hashCode();

            assertThat(slots(Table.READ, hashes(count, names))).isLessThan(4000L * count);
            assertThat(slots(Table.GROWN, hashes(count, names))).isLessThan(10_000L * count);
            assertThat(slots(Table.ANSWERED, hashes(20 * count, names))).isLessThan(400L * count);
        }
    }

    @Test
    void equalKeysAreRefused() {
        assertThat(slots(Table.READ, hashes(600, i -> 7))).isPositive();
        assertRefused(Table.READ, hashes(700, i -> 7));
        assertRefused(Table.READ, hashes(12_000, i -> 7));
        assertThat(slots(Table.GROWN, hashes(600, i -> 7))).isPositive();
        assertRefused(Table.GROWN, hashes(12_000, i -> 7));
        assertRefused(Table.ANSWERED, hashes(15_000, i -> 7));
    }

    @Test
    void keysThatShareAPlaceInOneOfTheTablesAreRefused() {
        for (int table : new int[] {2001, 4003, 16_015, 64_063}) {
            assertRefused(Table.READ, hashes(table / 2 + 1, i -> i * table));
        }
        for (int table : new int[] {1535, 6143, 49_151}) {
            assertRefused(Table.GROWN, hashes(table / 2 + 1, i -> i * table));
        }
    }

    @Test
    void keysThatCrowdWithoutBeingAlikeAreRefused() {
        assertRefused(Table.READ, hashes(16_000, i -> i / 2));
        assertRefused(Table.GROWN, hashes(16_000, i -> i / 2));
    }

    @Test
    void pairsOfOneHashAreRefused() {
        var cost = new KeyCost(KeyCost.MOST_SLOTS);
        cost.pairs(hashes(100_000, i -> i / 10), 100_000);

        assertThat(cost.slots()).isLessThan(10L * 100_000);
        assertThatThrownBy(() -> cost.pairs(hashes(20_000, i -> 5), 20_000))
                .isInstanceOf(InvalidRequestException.class);
    }
}
