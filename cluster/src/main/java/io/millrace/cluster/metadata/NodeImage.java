package io.millrace.cluster.metadata;

import java.util.UUID;

/**
 * A broker and where clients reach it.
 *
 * @param rack empty if it has none
 */
public record NodeImage(int id, String host, int port, String rack, Registration registration) {
    private static final UUID ANY = new UUID(0, 0);

    /**
     * In which life of it a node is known, and whether it takes part.
     *
     * @param epoch rises with each registration
     * @param incarnation another at each start of the node
     * @param directory stays with its data folder
     * @param fenced whether it may not lead, nor be in sync
     * @param shuttingDown whether it is about to stop, and has its leaderships taken
     */
    public record Registration(
            long epoch, UUID incarnation, UUID directory, boolean fenced, boolean shuttingDown) {}

    /** A node that takes part, of no particular life: the only one of its cluster. */
    public NodeImage(int id, String host, int port, String rack) {
        this(id, host, port, rack, new Registration(0, ANY, ANY, false, false));
    }

    /** Whether it may lead partitions and be in sync. */
    public boolean isActive() {
        return !registration.fenced() && !registration.shuttingDown();
    }

    /** The same node, registered so. */
    public NodeImage with(Registration changed) {
        return new NodeImage(id, host, port, rack, changed);
    }

    /** The same node, taking part or not. */
    public NodeImage with(boolean fenced, boolean shuttingDown) {
        return with(
                new Registration(
                        registration.epoch(),
                        registration.incarnation(),
                        registration.directory(),
                        fenced,
                        shuttingDown));
    }
}
