package io.millrace.cluster.quorum;

import io.millrace.cluster.proto.MetadataRecord;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** Orders metadata records and makes them durable on a majority. On the metadata thread only. */
public interface MetadataQuorum {
    /** Told of what is committed, in order, and of who leads; on the metadata thread. */
    interface Listener {
        /**
         * Everything before {@code endOffset}, in one piece, in place of all that was told before.
         * Comes first, if it comes, and again when this node has fallen so far behind that the
         * records are gone.
         *
         * @param records what, applied to nothing, gives the image; valid until this returns
         */
        void restored(Iterator<MetadataRecord> records, long endOffset);

        /** The next records; none if the quorum needed the offsets for itself. */
        void committed(List<MetadataRecord> records, long endOffset);

        /**
         * This node leads from now on: all that earlier leaders committed has been told, and what
         * it proposes will be decided in this epoch. Epochs rise from leader to leader.
         */
        void leading(int epoch);

        /**
         * This node does not lead, or no longer. What it proposed and was not told of may be
         * committed or lost.
         *
         * @param leader the leader of the epoch, empty if none is known
         */
        void following(OptionalInt leader, int epoch);

        /**
         * This node's part of the quorum has failed, mostly since its disk did. It is told of
         * nothing more and takes no proposals until a restart; the other nodes go on without it.
         */
        void failed(Throwable cause);
    }

    /**
     * Takes part from now on. A quorum of one has told everything when this returns, and leads; a
     * larger one tells what it finds out as it does. Blocks while the node's own files are read.
     */
    void start(Listener listener);

    /** How this node stands, for a voter that has lost its disk; after {@link #start}. */
    Standing standing();

    /** The node that leads, as far as this one knows. */
    OptionalInt leader();

    /**
     * Proposes records, at least one, to be committed all or none. Done with the end offset once
     * they are, after the listener has been told. Fails with a {@link NotControllerException} if
     * this node does not lead or stops to before it knows; with a {@link QuorumException} or a
     * {@link io.millrace.storage.StorageException} if it cannot take them.
     */
    CompletableFuture<Long> propose(List<MetadataRecord> records);

    /**
     * Keeps a snapshot of everything before {@code endOffset} in place of the records. Blocks.
     *
     * @param records what, applied to nothing, gives the image; each is asked for when the one
     *     before is written
     * @param endOffset what the listener was last told
     */
    void snapshot(Iterator<MetadataRecord> records, long endOffset);

    /** What is known of the quorum; who does not lead knows no replicas. Done on any thread. */
    CompletableFuture<QuorumDescription> describe();

    /**
     * Stops; hands leadership over first, if it has it. Blocks until what was committed is stored
     * cleanly. Proposals under way fail, and the listener hears no more.
     */
    void close();
}
