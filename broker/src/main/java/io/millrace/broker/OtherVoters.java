package io.millrace.broker;

import io.millrace.broker.handler.quorum.ControllerPeers;
import io.millrace.cluster.peer.Answer;
import io.millrace.cluster.peer.Ask;
import io.millrace.cluster.quorum.Recollection.Outcome;
import io.millrace.cluster.quorum.Standing;
import io.millrace.cluster.quorum.VoterLink;
import io.millrace.cluster.quorum.raft.VoteMark;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way from a voter whose folder is new to the others, and what an operator hears of it. */
record OtherVoters(int self, ControllerPeers controllers) implements VoterLink {
    private static final Logger LOG = LoggerFactory.getLogger(OtherVoters.class);

    @Override
    public CompletableFuture<Standing> ask(int voter) {
        return controllers
                .ask(voter, Ask.encode(new Ask.Recall()))
                .thenApply(bytes -> {
                    if (Answer.decode(bytes) instanceof Answer.Stands(Standing standing)) {
                        return standing;
                    }
                    throw new CompletionException(
                            new IOException("node %d does not say how it stands".formatted(voter)));
                });
    }

    @Override
    public void told(Outcome outcome) {
        switch (outcome) {
            case NEW_CLUSTER -> LOG.info("Node {} votes: the cluster is new", self);
            case CAUGHT_UP ->
                    LOG.info("Node {} votes again: it has all that it can have promised", self);
            case OTHERS_MISSING ->
                    LOG.info("Node {} has a new folder: it votes once all voters are there", self);
            case BEHIND ->
                    LOG.info(
                            "Node {} has a new folder, the cluster has not: it votes once it has"
                                    + " what its leader has",
                            self);
            case TOO_MUCH_FORGOTTEN ->
                    LOG.error(
                            "Node {} does not vote: too many voters have lost their folders. If what"
                                    + " the others have is to count, stop one, delete its file"
                                    + " __cluster_metadata-0/{} and start it",
                            self,
                            VoteMark.NAME);
        }
    }
}
