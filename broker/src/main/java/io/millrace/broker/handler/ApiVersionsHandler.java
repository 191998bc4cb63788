package io.millrace.broker.handler;

import io.millrace.broker.wire.Request;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;

/** Says which APIs, versions and features this broker serves (KIP-35, KIP-511, KIP-584). */
public final class ApiVersionsHandler implements ApiHandler {
    private final Supplier<Collection<ApiHandler>> served;
    private final Supplier<Features> features;

    /**
     * Levels of features.
     *
     * @param supported highest level of each feature that this broker can run; the lowest is 0
     * @param finalized level of each that is in force
     * @param epoch version of {@code finalized}
     */
    public record Features(
            Map<String, Short> supported, Map<String, Short> finalized, long epoch) {}

    public ApiVersionsHandler(
            Supplier<Collection<ApiHandler>> served, Supplier<Features> features) {
        this.served = served;
        this.features = features;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.API_VERSIONS;
    }

    @Override
    public void handle(Request request) {
        ApiVersionsRequest body = request.body(ApiVersionsRequest.class);
        if (body.hasUnsupportedRequestVersion()) {
            var answer =
                    body.getErrorResponse(
                            0, new UnsupportedVersionException("a version newer than this broker"));
            answer.data().setApiKeys(versions());
            request.answer(answer);
        } else if (!body.isValid()) {
            throw new InvalidRequestException("the client's software name or version is malformed");
        } else {
            request.answer(answer());
        }
    }

    private ApiVersionsResponse answer() {
        Features now = features.get();
        var builder =
                new ApiVersionsResponse.Builder()
                        .setApiVersions(versions())
                        .setSupportedFeatures(SupportedFeatures.upTo(now.supported()))
                        .setFinalizedFeatures(now.finalized())
                        .setFinalizedFeaturesEpoch(now.epoch());
        return builder.build();
    }

    private ApiVersionCollection versions() {
        var versions = new ApiVersionCollection();
        for (ApiHandler handler : served.get()) {
            if (handler.api() == ApiKeys.ENVELOPE) {
                // Between brokers, which do not ask.
                continue;
            }
            versions.add(
                    new ApiVersion()
                            .setApiKey(handler.api().id)
                            .setMinVersion(told(handler))
                            .setMaxVersion(handler.newestVersion()));
        }
        return versions;
    }

    /**
     * Produce is told from 0 on, as Kafka does (KAFKA-18659), though versions before 3 are refused:
     * to librdkafka a broker without version 0 knows neither gzip nor snappy nor lz4, and it sends
     * uncompressed batches without a word.
     */
    private static short told(ApiHandler handler) {
        return handler.api() == ApiKeys.PRODUCE
                ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION
                : handler.oldestVersion();
    }
}
