package io.millrace.broker.replica;

import io.millrace.cluster.replication.Terms;
import io.millrace.storage.plan.Quarantine;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Decides of one partition which quarantined range is fetched next, and from whom. A replica that
 * leads asks those that follow it, since what is committed they have too. Only what is committed
 * here is fetched; one at a time; after each failure comes a rest, and then another node and
 * another range. Knows no clock: time comes in. Mutable; belongs to the partition's loop.
 */
final class RepairChoice {
    static final long REST_MS = 5_000;

    private final int self;
    private int tries;
    private long notBeforeMs = Long.MIN_VALUE;
    private boolean busy;

    RepairChoice(int self) {
        this.self = self;
    }

    /** What to fetch, and the node to fetch it from. */
    record Next(Quarantine.Range range, int source) {}

    /** What to begin now; empty while a repair is under way or nothing can be repaired. */
    Optional<Next> next(
            Terms terms, List<Quarantine.Range> quarantined, long highWatermark, long nowMs) {
        List<Integer> sources = sources(terms);
        List<Quarantine.Range> committed =
                quarantined.stream().filter(range -> range.endOffset() <= highWatermark).toList();
        boolean possible =
                !busy && nowMs >= notBeforeMs && !sources.isEmpty() && !committed.isEmpty();
        return possible
                ? Optional.of(
                        new Next(
                                committed.get(tries % committed.size()),
                                sources.get(tries / committed.size() % sources.size())))
                : Optional.empty();
    }

    /** Who may have it: whoever is followed first, then those in sync, then the others. */
    private List<Integer> sources(Terms terms) {
        var sources = new LinkedHashSet<Integer>();
        sources.add(terms.leader());
        sources.addAll(terms.inSyncReplicas());
        sources.addAll(terms.replicas());
        sources.removeIf(node -> node == self || node < 0);
        return new ArrayList<>(sources);
    }

    /** The repair that was chosen is under way. */
    void begun() {
        busy = true;
    }

    /** The log has no repair for it now: the next choice is another. */
    void passed() {
        tries++;
    }

    /** It came to nothing. */
    void failed(long nowMs) {
        busy = false;
        tries++;
        notBeforeMs = nowMs + REST_MS;
    }

    /** That of a batch beside the range did: the range itself is asked for there, too. */
    void failedBeside(long nowMs) {
        busy = false;
        notBeforeMs = nowMs + REST_MS;
    }

    /** The range is good again. */
    void done() {
        busy = false;
    }
}
