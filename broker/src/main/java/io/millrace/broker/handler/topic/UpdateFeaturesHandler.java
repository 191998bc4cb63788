package io.millrace.broker.handler.topic;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.handler.FeatureLevels;
import io.millrace.broker.handler.MetadataErrors;
import io.millrace.broker.handler.quorum.QuorumLeader;
import io.millrace.broker.handler.quorum.QuorumVersion;
import io.millrace.broker.wire.Request;
import io.millrace.cluster.controller.Command.SetFeatureLevel;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import org.apache.kafka.common.message.UpdateFeaturesResponseData;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import org.apache.kafka.common.message.UpdateFeaturesResponseData.UpdatableFeatureResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.UpdateFeaturesRequest;
import org.apache.kafka.common.requests.UpdateFeaturesResponse;
import org.jspecify.annotations.Nullable;

/** UpdateFeatures: sets the levels of features, all of them or none (KIP-584). */
public final class UpdateFeaturesHandler implements ApiHandler {
    private static final short ONE_ERROR_SINCE = 2;
    private static final byte SAFE_DOWNGRADE = 2;

    private final Topics topics;
    private final @Nullable QuorumLeader leader;

    /**
     * @param leader has {@code kraft.version} changed; null on a single node, which has none
     */
    public UpdateFeaturesHandler(Topics topics, @Nullable QuorumLeader leader) {
        this.topics = topics;
        this.leader = leader;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.UPDATE_FEATURES;
    }

    @Override
    public void handle(Request request) {
        UpdateFeaturesRequestData asked = request.body(UpdateFeaturesRequest.class).data();
        if (leader != null && isOfQuorumAlone(asked)) {
            var _ =
                    leader.ask(api(), request.version(), asked)
                            .thenApply(data ->
                                    new UpdateFeaturesResponse((UpdateFeaturesResponseData) data))
                            .exceptionally(_ -> unavailable())
                            .thenAccept(request::answer);
            return;
        }
        var commands = new ArrayList<SetFeatureLevel>();
        String problem = null;
        for (FeatureUpdateKey update : asked.featureUpdates()) {
            String wrong = problemOf(update);
            problem = problem == null ? wrong : problem;
            if (!isOfQuorum(update)) {
                commands.add(new SetFeatureLevel(update.feature(), update.maxVersionLevel()));
            }
        }
        if (problem != null || asked.validateOnly() || commands.isEmpty()) {
            request.answer(answer(request.version(), asked, problem));
            return;
        }
        MetadataErrors.whenDone(
                topics.metadata().submit(commands),
                request,
                outcome -> request.answer(answer(request.version(), asked, null)));
    }

    private static boolean isOfQuorumAlone(UpdateFeaturesRequestData asked) {
        return asked.featureUpdates().size() == 1
                && asked.featureUpdates().find(QuorumVersion.FEATURE) != null;
    }

    private static UpdateFeaturesResponse unavailable() {
        return new UpdateFeaturesResponse(
                new UpdateFeaturesResponseData()
                        .setErrorCode(Errors.REQUEST_TIMED_OUT.code())
                        .setErrorMessage("The controller that leads gave no answer"));
    }

    /** What is wrong with an update, in Kafka's words; null if nothing is. */
    private @Nullable String problemOf(FeatureUpdateKey update) {
        String reason = isOfQuorum(update) ? null : reason(update);
        return reason == null
                ? null
                : "The update failed for all features since the following feature had an error: Invalid update version %d for feature %s. %s"
                        .formatted(update.maxVersionLevel(), update.feature(), reason);
    }

    private @Nullable String reason(FeatureUpdateKey update) {
        Short highest = FeatureLevels.HIGHEST.get(update.feature());
        short level = update.maxVersionLevel();
        if (leader != null && update.feature().equals(QuorumVersion.FEATURE)) {
            return "It is changed alone.";
        }
        if (highest == null) {
            return "This broker does not support this feature.";
        }
        if (level < 0 || level > highest) {
            return "This broker only supports versions 0-%d".formatted(highest);
        }
        boolean lowers = level < FeatureLevels.of(topics.image(), update.feature());
        boolean mayLower = update.allowDowngrade() || update.upgradeType() >= SAFE_DOWNGRADE;
        return lowers && !mayLower
                ? "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
                : null;
    }

    /** Whether it asks, beside others, for the quorum's version that there is. */
    private boolean isOfQuorum(FeatureUpdateKey update) {
        return leader != null
                && update.feature().equals(QuorumVersion.FEATURE)
                && update.maxVersionLevel() == leader.quorum().version();
    }

    private static UpdateFeaturesResponse answer(
            short version, UpdateFeaturesRequestData asked, @Nullable String problem) {
        Errors error = problem == null ? Errors.NONE : Errors.INVALID_UPDATE_VERSION;
        var data =
                new UpdateFeaturesResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(problem);
        if (version < ONE_ERROR_SINCE) {
            List<String> names =
                    asked.featureUpdates().stream().map(FeatureUpdateKey::feature).toList();
            data.setResults(new UpdatableFeatureResultCollection(names.size() + 1));
            names.forEach(name ->
                    data.results()
                            .add(
                                    new UpdatableFeatureResult()
                                            .setFeature(name)
                                            .setErrorCode(error.code())
                                            .setErrorMessage(problem)));
        }
        return new UpdateFeaturesResponse(data);
    }
}
