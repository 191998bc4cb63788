package io.millrace.storage.segment;

import io.millrace.storage.producer.AbortedTransaction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@link AbortedIndex} of one segment, in memory while it is in use, and its file. The file is
 * replaced as a whole before a checkpoint that counts on it; what came since is found again by
 * recovery. A segment without aborted transactions has no file. Belongs to the log's owner.
 */
public final class SegmentTransactions {
    private final SegmentHome home;
    private final long baseOffset;
    private @Nullable AbortedIndex index = new AbortedIndex(List.of());
    private boolean stored = true;
    private boolean hasFile;
    private boolean beingStored;

    SegmentTransactions(SegmentHome home, long baseOffset) {
        this.home = home;
        this.baseOffset = baseOffset;
    }

    /** Where its file is, if it has one. */
    public Path path() {
        return home.file(baseOffset, SegmentNames.ABORTED);
    }

    /** Says that there is a file, which counts. */
    public void isOnDisk() {
        index = null;
        hasFile = true;
    }

    /** Whether a checkpoint has to say that there is a file. */
    public boolean hasFile() {
        return hasFile;
    }

    /** Adds what the last marker of the segment has aborted. */
    public void add(AbortedTransaction aborted) throws IOException {
        loaded().add(aborted);
        stored = false;
    }

    /** Forgets what markers at or past an offset have aborted. */
    public void truncate(long offset) throws IOException {
        if (loaded().truncate(offset)) {
            stored = false;
        }
    }

    /** Forgets all of it. */
    public void clear() {
        stored = stored && !hasFile;
        index = new AbortedIndex(List.of());
    }

    /**
     * What its markers have aborted, in their order.
     *
     * @throws LostIndexException if its file is not there, or not as it was written
     */
    public List<AbortedTransaction> aborted() throws IOException {
        return loaded().entries();
    }

    /** Has what is known in memory, so that {@link #add} need not read. Fails as that would. */
    public void load() throws IOException {
        try {
            loaded();
        } catch (LostIndexException e) {
            // Whoever adds to it makes it again.
        }
    }

    private AbortedIndex loaded() throws IOException {
        AbortedIndex known = index;
        if (known == null) {
            known = AbortedIndex.decode(home.disk().readWhole(path()));
            if (known == null) {
                throw new LostIndexException(path());
            }
            index = known;
        }
        return known;
    }

    /** The bytes that its file has to hold, for {@link #settle}; null if it holds them. */
    public @Nullable ByteBuffer takeUnstored() {
        AbortedIndex known = index;
        if (stored || known == null) {
            return null;
        }
        stored = true;
        beingStored = true;
        hasFile = true;
        return known.encode();
    }

    /** What was taken is stored, or could not be. */
    public void settle(boolean success) {
        beingStored = false;
        stored &= success;
    }

    /** Whether the file holds all of it, and nobody is writing it. */
    public boolean isSettled() {
        return stored && !beingStored;
    }

    /** Lets go of what the file holds. */
    void close() {
        if (isSettled() && hasFile) {
            index = null;
        }
    }
}
