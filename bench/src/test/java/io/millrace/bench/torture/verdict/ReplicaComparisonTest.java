package io.millrace.bench.torture.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A difference that was planted in a replica is found, and none where there is none. */
final class ReplicaComparisonTest {
    private static final StoredBatch A = new StoredBatch(0, 3, 11);
    private static final StoredBatch B = new StoredBatch(3, 4, 12);
    private static final StoredBatch C = new StoredBatch(9, 12, 13);

    private static Map<Integer, List<StoredBatch>> logs(
            List<StoredBatch> first, List<StoredBatch> second) {
        return Map.of(1, first, 2, second);
    }

    @Test
    void theSameBatchesAreNoDifference() {
        assertThat(ReplicaComparison.difference(logs(List.of(A, B, C), List.of(A, B, C)), true))
                .isEmpty();
    }

    @Test
    void aFlippedByteIsFound() {
        var flipped = new StoredBatch(3, 4, 99);

        assertThat(
                        ReplicaComparison.difference(
                                logs(List.of(A, B, C), List.of(A, flipped, C)), true))
                .hasValue("the batches at offset 3 differ");
    }

    @Test
    void aMissingBatchIsFound() {
        assertThat(ReplicaComparison.difference(logs(List.of(A, B, C), List.of(A, C)), true))
                .hasValue("nodes [2] have no batch at offset 3");
    }

    @Test
    void anEmptyReplicaIsFound() {
        assertThat(ReplicaComparison.difference(logs(List.of(A), List.of()), true)).isPresent();
    }

    @Test
    void aShorterReplicaIsFoundWhereAllHaveToEndAtOneOffset() {
        var logs = logs(List.of(A, B, C), List.of(A, B));

        assertThat(ReplicaComparison.difference(logs, true)).isPresent();
        assertThat(ReplicaComparison.difference(logs, false)).isEmpty();
    }

    @Test
    void whatOnlyOneStillHasIsNotCompared() {
        assertThat(ReplicaComparison.difference(logs(List.of(A, B, C), List.of(B, C)), true))
                .isEmpty();
    }

    @Test
    void batchesThatOverlapAreFound() {
        var twice = new StoredBatch(2, 4, 12);

        assertThat(ReplicaComparison.difference(logs(List.of(A, twice), List.of(A, twice)), true))
                .hasValue("node 1 has a batch at offset 2 behind one that ends at 3");
    }
}
