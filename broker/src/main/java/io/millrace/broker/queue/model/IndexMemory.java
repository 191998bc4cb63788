package io.millrace.broker.queue.model;

/**
 * Counts the memory in which all shards of a broker index records that wait, and says when there is
 * enough of it. Called on any shard's loop; never blocks.
 */
public interface IndexMemory {
    /** A shard's part has grown, or shrunk if it is negative. */
    void add(long bytes);

    /**
     * Whether a share partition may index more.
     *
     * @param ownBytes what it holds so far: a little is given to each, whatever others hold
     */
    boolean mayGrow(long ownBytes);
}
