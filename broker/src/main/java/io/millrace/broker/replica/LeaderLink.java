package io.millrace.broker.replica;

import io.millrace.broker.loop.OwnerLoop;
import io.millrace.cluster.replication.Joiners;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;

/** The way to the brokers that are followed, and what is known of them. */
public interface LeaderLink extends Joiners {
    /**
     * Fetches for the followers of one loop. An answer belongs to its request, and never comes
     * after the future has failed: what is late could cut off what is committed. Its records hold
     * until the next is sent to the leader from that loop, on which this is called.
     *
     * @return done on any thread; fails if the leader cannot be reached or does not answer
     */
    CompletableFuture<FetchResponseData> fetch(int leader, OwnerLoop loop, FetchRequestData asked);

    /** Fetches as a consumer does; the records of the answer are the caller's. */
    CompletableFuture<FetchResponseData> read(int node, OwnerLoop loop, FetchRequestData asked);

    /** A fetch has failed. */
    void unreachable(int leader, Throwable why);

    /** This node's registration; -1 if it is not known yet. */
    long nodeEpoch();
}
