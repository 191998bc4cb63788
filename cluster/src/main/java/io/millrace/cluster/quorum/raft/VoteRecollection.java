package io.millrace.cluster.quorum.raft;

import io.millrace.cluster.quorum.Recollection;
import io.millrace.cluster.quorum.Recollection.Outcome;
import io.millrace.cluster.quorum.Standing;
import io.millrace.cluster.quorum.VoterLink;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.jspecify.annotations.Nullable;

/**
 * Asks the other voters, over and over, until this node has its vote. On the metadata thread; does
 * nothing where it has it.
 */
final class VoteRecollection {
    private static final long ROUND_MS = 100;

    private final RaftNode node;
    private final VoterLink link;
    private final Executor thread;
    private final Set<Integer> others;
    private final Recollection rule;
    private LongSupplier committedEnd = () -> 0;
    private @Nullable Outcome last;
    private boolean ended;

    /** The answers of a round, and how many have not come. */
    private @Nullable Map<Integer, Standing> round;

    private int open;

    VoteRecollection(QuorumSettings settings, RaftNode node, VoterLink link, Executor thread) {
        this.node = node;
        this.link = link;
        this.thread = thread;
        this.others = new HashSet<>(settings.membership().voters().keySet());
        others.remove(settings.node().id());
        this.rule = new Recollection(others);
    }

    /**
     * Begins, if this node has no vote.
     *
     * @param committed end of what this node knows to be committed
     */
    void begin(LongSupplier committed) {
        committedEnd = committed;
        if (!hasVote()) {
            node.every(ROUND_MS, () -> thread.execute(this::ask));
        }
    }

    /** Whether what this node voted is known. */
    boolean hasVote() {
        return node.gate().isOpen();
    }

    /** Whether a request of another voter may be answered for now; by any thread. */
    boolean lets(ApiMessage request) {
        return node.gate().lets(request);
    }

    void end() {
        ended = true;
    }

    private void ask() {
        if (ended || hasVote() || round != null) {
            return;
        }
        var answers = new HashMap<Integer, Standing>();
        round = answers;
        open = others.size();
        for (int other : others) {
            var _ =
                    link.ask(other)
                            .whenComplete((standing, failure) ->
                                    thread.execute(() -> told(answers, other, standing)));
        }
    }

    private void told(Map<Integer, Standing> answers, int other, @Nullable Standing standing) {
        if (standing != null) {
            answers.put(other, standing);
        }
        open--;
        if (open == 0 && !ended) {
            round = null;
            LeaderAndEpoch known = node.client().leaderAndEpoch();
            take(
                    rule.after(
                            answers,
                            new Recollection.Own(
                                    known.epoch(),
                                    known.leaderId().isPresent(),
                                    committedEnd.getAsLong())));
        }
    }

    private void take(Outcome outcome) {
        boolean has = outcome == Outcome.NEW_CLUSTER || outcome == Outcome.CAUGHT_UP;
        if (has) {
            node.takeVote();
        }
        if (outcome != last) {
            last = outcome;
            link.told(outcome);
        }
    }
}
