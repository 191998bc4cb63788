package io.millrace.storage.disk;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which of one owner's files stay open: so many, and those used least recently are closed for
 * others. A file with bytes that are to be synced stays open until a sync has taken it, however
 * many there are: an error that the system found in between must not be missed. Decides only; what
 * closes a file is its {@link Holder}. Mutable; belongs to the owner's thread.
 */
public final class OpenFiles {
    private static final int EXPECTED = 16;
    private static final float LOAD_FACTOR = 0.75f;

    private final int limit;
    private final Map<Holder, Boolean> closable = new LinkedHashMap<>(EXPECTED, LOAD_FACTOR, true);
    private final Set<Holder> kept = new HashSet<>();

    /** Whoever has a file open, and can do without it. */
    @FunctionalInterface
    public interface Holder {
        /** Closes the file. It is opened again when it is needed. */
        void closeFile();
    }

    /**
     * @param limit files that stay open at most; at least one does
     */
    public OpenFiles(int limit) {
        this.limit = Math.max(1, limit);
    }

    /** A limit that is never reached. */
    public static OpenFiles unlimited() {
        return new OpenFiles(Integer.MAX_VALUE);
    }

    /** Notes that a file was opened, or used. */
    public void used(Holder holder) {
        if (!kept.contains(holder) && closable.get(holder) == null) {
            closable.put(holder, true);
            closeExcess();
        }
    }

    /** Keeps an open file open until {@link #letGo}. */
    public void keep(Holder holder) {
        if (closable.remove(holder) != null) {
            kept.add(holder);
        }
    }

    /** Takes back {@link #keep}. */
    public void letGo(Holder holder) {
        if (kept.remove(holder)) {
            closable.put(holder, true);
            closeExcess();
        }
    }

    /** Notes that a file was closed. */
    public void closed(Holder holder) {
        if (closable.remove(holder) == null) {
            kept.remove(holder);
        }
    }

    /** How many are open. */
    public int count() {
        return closable.size() + kept.size();
    }

    /** All but the one used last may go. */
    private void closeExcess() {
        while (count() > limit && closable.size() > 1) {
            Holder oldest = closable.keySet().iterator().next();
            closable.remove(oldest);
            oldest.closeFile();
        }
    }
}
