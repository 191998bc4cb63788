package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.proto.MetadataRecord;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.RaftClient;
import org.apache.kafka.server.fault.FaultHandler;

/**
 * What runs Kafka's consensus: its log, votes, connections, timers and threads, which a simulation
 * has otherwise than a broker.
 */
interface RaftEngine extends AutoCloseable {
    KafkaRaftClient<MetadataRecord> client();

    /** Where the controller of a node is reached, if it votes or leads; from any thread. */
    Optional<InetSocketAddress> address(int node);

    /** {@code kraft.version}: 0 has the voters of the configuration, 1 can change them. */
    short version();

    /** Where the log is. */
    Path folder();

    /**
     * Takes part from now on.
     *
     * @param faults told, where the consensus runs, of what stopped it
     */
    void start(RaftClient.Listener<MetadataRecord> listener, FaultHandler faults);

    /**
     * Hands leadership over, if somebody takes it, and stops taking part; nothing happens before
     * {@link #start}. Blocks.
     */
    void stop();

    /** Closes files, connections and threads; after {@link #stop}. Blocks. */
    @Override
    void close();
}
