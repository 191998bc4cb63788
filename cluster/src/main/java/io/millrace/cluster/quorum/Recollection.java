package io.millrace.cluster.quorum;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a voter without a memory has its vote: it has a new folder, so the cluster is new, or its
 * disk was lost, and with it whom it has voted for and which records it has acknowledged. Until it
 * is told that it may, it neither votes, nor stands, nor counts towards a commit.
 *
 * <p>Pure and mutable; called for each round in which all other voters were asked. The rule:
 *
 * <ul>
 *   <li>If all others answer and none of them ever heard of an epoch, the cluster is new.
 *   <li>Else all others have to answer, so many of them out of memory that every majority has one
 *       of them. Whoever it may have voted for, or acknowledged a record to, is another voter, and
 *       was in that epoch already; so what it promised is in no later epoch than the newest that
 *       they tell. From the leader of that epoch it needs every record of the log as it ends now:
 *       more it cannot have acknowledged. It is there once it knows all of them to be committed,
 *       and is in that epoch with its leader, in which it votes for nobody, or in a later one.
 * </ul>
 */
public final class Recollection {
    private final Set<Integer> others;
    private final int least;

    /** The first that was told, and the newest: one is reached soon, the other for certain. */
    private @Nullable Goal first;

    private @Nullable Goal newest;

    /** What it has to have heard of and to hold. */
    private record Goal(int epoch, long logEnd) {
        boolean isReached(Own own) {
            boolean settled = own.epoch() > epoch || own.epoch() == epoch && own.isLeaderKnown();
            return settled && own.committedEnd() >= logEnd;
        }
    }

    /**
     * This voter itself.
     *
     * @param committedEnd end of what it has and knows to be committed
     */
    public record Own(int epoch, boolean isLeaderKnown, long committedEnd) {}

    /** What a round came to. */
    public enum Outcome {
        /** Nobody has voted yet: it has its vote. */
        NEW_CLUSTER,
        /** It has all that it can have promised: it has its vote. */
        CAUGHT_UP,
        /** Not all others answer. */
        OTHERS_MISSING,
        /** So few others remember that what was committed may be known to none of them. */
        TOO_MUCH_FORGOTTEN,
        /** There is no leader yet, or not all of its log is here. */
        BEHIND
    }

    /**
     * @param others every voter but this
     */
    public Recollection(Set<Integer> others) {
        this.others = Set.copyOf(others);
        int majority = (others.size() + 1) / 2 + 1;
        this.least = others.size() + 1 - majority + 1;
    }

    /**
     * Whether it has its vote, after a round.
     *
     * @param answers of the others, all asked since this voter started
     * @param own as it is after they have answered
     */
    public Outcome after(Map<Integer, Standing> answers, Own own) {
        if (!answers.keySet().containsAll(others)) {
            return isReached(own) ? Outcome.CAUGHT_UP : Outcome.OTHERS_MISSING;
        }
        if (others.stream().allMatch(other -> of(answers, other).isUntouched())) {
            return own.epoch() == 0 ? Outcome.NEW_CLUSTER : Outcome.BEHIND;
        }
        long remembering = others.stream().filter(other -> of(answers, other).remembers()).count();
        if (remembering < least) {
            return Outcome.TOO_MUCH_FORGOTTEN;
        }
        take(answers);
        return isReached(own) ? Outcome.CAUGHT_UP : Outcome.BEHIND;
    }

    private static Standing of(Map<Integer, Standing> answers, int other) {
        Standing told = answers.get(other);
        if (told == null) {
            throw new IllegalArgumentException("voter %d has not answered".formatted(other));
        }
        return told;
    }

    private boolean isReached(Own own) {
        return first != null && first.isReached(own) || newest != null && newest.isReached(own);
    }

    private void take(Map<Integer, Standing> answers) {
        int epoch = others.stream().mapToInt(other -> of(answers, other).epoch()).max().orElse(0);
        for (int other : others) {
            Standing told = of(answers, other);
            if (told.remembers() && told.leads() && told.epoch() == epoch) {
                newest = new Goal(epoch, told.logEnd());
                first = first == null ? newest : first;
            }
        }
    }
}
