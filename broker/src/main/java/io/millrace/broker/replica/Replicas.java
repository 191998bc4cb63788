package io.millrace.broker.replica;

import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.ReplicaThrottle;
import io.millrace.broker.loop.Replication;
import io.millrace.cluster.controller.Decision;
import io.millrace.cluster.controller.Decision.Reason;
import io.millrace.cluster.controller.Decision.Refused;
import io.millrace.cluster.replication.FollowerReplica;
import io.millrace.cluster.replication.InSyncWish;
import io.millrace.cluster.replication.LeaderReplica;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The replicas on this broker that have others elsewhere. Called on the loops of their partitions;
 * each loop has fetchers of its own.
 */
public final class Replicas implements Replication.Listener, AutoCloseable {
    private static final Set<Reason> FINAL =
            Set.of(Reason.INELIGIBLE_REPLICA, Reason.INVALID_REQUEST);

    private final LeaderLink link;
    private final FetchSettings settings;
    private final ReplicaThrottle throttle;
    private final BiFunction<Partition, InSyncWish, CompletableFuture<Decision>> controller;
    private final FailedLogs failedLogs;
    private final Map<OwnerLoop, Map<Integer, ReplicaFetcher>> fetchers = new ConcurrentHashMap<>();
    private final RangeRepairs repairs;
    private final Map<Partition, InSyncWish> underWay = new ConcurrentHashMap<>();

    /**
     * @param controller asks for a change of who is in sync; answers on any thread
     * @param failures tells that the log of a partition has failed; answers on any thread
     * @param copying copies segments that are repaired; shut down when this is closed
     */
    public Replicas(
            LeaderLink link,
            FetchSettings settings,
            ReplicaThrottle throttle,
            BiFunction<Partition, InSyncWish, CompletableFuture<Decision>> controller,
            Function<Partition, CompletableFuture<Decision>> failures,
            ExecutorService copying) {
        this.link = link;
        this.settings = settings;
        this.throttle = throttle;
        this.repairs = new RangeRepairs(link, settings.self(), copying);
        this.controller = controller;
        this.failedLogs = new FailedLogs(settings.self(), failures);
    }

    @Override
    public void follows(Partition partition) {
        int leader = Objects.requireNonNull(partition.following()).leader();
        fetchersOf(partition.loop())
                .computeIfAbsent(
                        leader,
                        node ->
                                new ReplicaFetcher(
                                        node, partition.loop(), link, settings, throttle))
                .add(partition);
    }

    @Override
    public void stopsFollowing(Partition partition) {
        fetchersOf(partition.loop()).values().forEach(fetcher -> fetcher.remove(partition));
    }

    @Override
    public void flushed(Partition partition) {
        FollowerReplica following = partition.following();
        if (following != null) {
            ReplicaFetcher fetcher = fetchersOf(partition.loop()).get(following.leader());
            if (fetcher != null) {
                fetcher.next();
            }
        }
    }

    /** The map of a loop's fetchers, which only that loop touches. */
    private Map<Integer, ReplicaFetcher> fetchersOf(OwnerLoop loop) {
        return fetchers.computeIfAbsent(loop, _ -> new HashMap<>());
    }

    @Override
    public void wishes(Partition partition, InSyncWish wish) {
        if (underWay.putIfAbsent(partition, wish) == null) {
            var _ =
                    controller
                            .apply(partition, wish)
                            .whenComplete((decision, failure) ->
                                    partition.execute(() -> answered(partition, wish, decision)));
        }
    }

    /** A wish of which is not known what became of it is sent again by {@link #tick}. */
    private void answered(Partition partition, InSyncWish wish, @Nullable Decision is) {
        underWay.remove(partition);
        if (is instanceof Refused(Reason reason, String _) && FINAL.contains(reason)) {
            partition.refused(wish);
        }
    }

    @Override
    public void failed(Partition partition) {
        failedLogs.failed(partition);
    }

    @Override
    public boolean mayJoin(int node, long nodeEpoch) {
        return link.mayJoin(node, nodeEpoch);
    }

    /** Begins nothing any more. */
    @Override
    public void close() {
        repairs.close();
    }

    /**
     * Looks whether the leader of a partition wants others in sync, and whether something of it is
     * to be repaired. On the partition's loop.
     */
    public void tick(Partition partition) {
        if (partition.isOffline()) {
            failedLogs.tick(partition);
            return;
        }
        repairs.tick(partition);
        LeaderReplica leads = partition.leading();
        if (leads != null && !underWay.containsKey(partition)) {
            partition.wish();
            leads.wished().ifPresent(wish -> wishes(partition, wish));
        }
    }
}
