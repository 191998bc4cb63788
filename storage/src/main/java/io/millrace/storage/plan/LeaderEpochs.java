package io.millrace.storage.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which leader epoch began at which offset (KIP-101, KIP-279). Mutable; belongs to the log's owner.
 */
public final class LeaderEpochs {
    /** No epoch. */
    public static final int NONE = -1;

    private final TreeMap<Integer, Long> startByEpoch = new TreeMap<>();

    /** An epoch and the offset of its first batch, or of the first that it will get. */
    public record Start(int epoch, long offset) {}

    /**
     * Remembers the start of an epoch. An earlier one that was to begin there has got no records,
     * and is forgotten (KIP-279).
     *
     * @return false, and nothing happens, if it has begun already, or a newer one has
     */
    public boolean begin(int epoch, long offset) {
        if (epoch <= latest()) {
            return false;
        }
        truncateTo(offset);
        startByEpoch.put(epoch, offset);
        return true;
    }

    /**
     * An epoch began earlier than was known, or was not known: its batches were unreadable. One
     * that is newer than all that are known is taken only where none of them begins behind it.
     */
    public void learn(int epoch, long offset) {
        boolean inOrder = epoch <= latest() || epochAt(offset) == latest();
        if (epochAt(offset) < epoch && inOrder) {
            startByEpoch.merge(epoch, offset, Math::min);
        }
    }

    /** Whether an epoch is known to begin at an offset, or past it and before another. */
    public boolean beginsWithin(int epoch, long offset, long endOffset) {
        Long start = startByEpoch.get(epoch);
        return start != null && start >= offset && start < endOffset;
    }

    /**
     * The batch that seemed to begin an epoch is of an older one: it begins later, or never did.
     *
     * @param behind what begins behind that batch, in order, up to that epoch or a newer one
     */
    public void notYet(int epoch, List<Start> behind) {
        startByEpoch.remove(epoch);
        for (Start start : behind) {
            if (epochAt(start.offset()) < start.epoch()) {
                startByEpoch.merge(start.epoch(), start.offset(), Math::min);
            }
        }
    }

    /** The newest epoch; {@link #NONE} if there is none. */
    public int latest() {
        return startByEpoch.isEmpty() ? NONE : startByEpoch.lastKey();
    }

    /** The epoch of the batch at an offset; {@link #NONE} if it is not known. */
    public int epochAt(long offset) {
        int found = NONE;
        for (Map.Entry<Integer, Long> entry : startByEpoch.entrySet()) {
            if (entry.getValue() > offset) {
                break;
            }
            found = entry.getKey();
        }
        return found;
    }

    /**
     * The largest epoch not above {@code epoch}, and where it ends.
     *
     * @param logEndOffset where the newest epoch ends
     * @return epoch and end offset; -1 and -1 if no epoch is that old
     */
    public Start endOf(int epoch, long logEndOffset) {
        if (startByEpoch.isEmpty() || epoch < 0) {
            return new Start(NONE, -1);
        }
        if (epoch == startByEpoch.lastKey()) {
            return new Start(epoch, logEndOffset);
        }
        Map.Entry<Integer, Long> next = startByEpoch.higherEntry(epoch);
        if (next == null) {
            return new Start(NONE, -1);
        }
        Map.Entry<Integer, Long> floor = startByEpoch.floorEntry(epoch);
        return floor == null
                ? new Start(epoch, next.getValue())
                : new Start(floor.getKey(), next.getValue());
    }

    /** Forgets what began at or after {@code offset}; returns whether anything did. */
    public boolean truncateTo(long offset) {
        return startByEpoch.values().removeIf(start -> start >= offset);
    }

    /** Moves the start of what is older than the log start up to it. */
    public void trimTo(long logStartOffset) {
        int kept = epochAt(logStartOffset);
        if (kept != NONE) {
            startByEpoch.headMap(kept).clear();
            startByEpoch.put(kept, Math.max(logStartOffset, startByEpoch.getOrDefault(kept, 0L)));
        }
    }

    /** The same, to be read elsewhere. */
    public LeaderEpochs copy() {
        var copy = new LeaderEpochs();
        copy.startByEpoch.putAll(startByEpoch);
        return copy;
    }

    /** Every epoch in order. */
    public List<Start> starts() {
        var starts = new ArrayList<Start>(startByEpoch.size());
        startByEpoch.forEach((epoch, offset) -> starts.add(new Start(epoch, offset)));
        return starts;
    }
}
