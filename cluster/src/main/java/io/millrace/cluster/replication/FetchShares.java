package io.millrace.cluster.replication;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How much a follower asks of each partition at once. Those whose last answer was full are behind,
 * and share what one answer may have: the fewer they are, the more of each comes at once. Mutable,
 * for the sake of the fetch path.
 *
 * @param <P> names a partition
 */
public final class FetchShares<P> {
    private final int answerBytes;
    private final int partitionBytes;
    private Set<P> behind = new HashSet<>();

    /**
     * @param answerBytes {@code replica.fetch.response.max.bytes}: of one answer
     * @param partitionBytes {@code replica.fetch.max.bytes}: of a partition that is not behind; the
     *     least that is asked of any
     */
    public FetchShares(int answerBytes, int partitionBytes) {
        this.answerBytes = answerBytes;
        this.partitionBytes = partitionBytes;
    }

    /** Bytes to ask of a partition. */
    public int of(P partition) {
        return behind.contains(partition) ? ofThoseBehind() : partitionBytes;
    }

    private int ofThoseBehind() {
        return Math.max(partitionBytes, answerBytes / Math.max(1, behind.size()));
    }

    /**
     * An answer has come. Who is not in it has either nothing to fetch, or had no place in it: then
     * it is as far behind as before.
     *
     * @param bytes of each partition that is in the answer; all were asked for what {@link #of}
     *     says
     */
    public void answered(Map<P, Integer> bytes) {
        long all = 0;
        var full = new HashSet<P>();
        for (Map.Entry<P, Integer> each : bytes.entrySet()) {
            all += each.getValue();
            if (each.getValue() > of(each.getKey()) / 2) {
                full.add(each.getKey());
            }
        }
        if (all > answerBytes / 2) {
            behind.stream().filter(each -> !bytes.containsKey(each)).forEach(full::add);
        }
        behind = full;
    }

    /** It is fetched no more. */
    public void forget(P partition) {
        behind.remove(partition);
    }
}
